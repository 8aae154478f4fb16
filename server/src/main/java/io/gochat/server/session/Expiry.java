package io.gochat.server.session;

import io.gochat.server.clock.GuardedClock;

/**
 * Which clock judges what. Thread-safe.
 *
 * @param clock a token that is presented is judged by the wall clock, whoever is inside by trusted time
 */
record Expiry(GuardedClock clock) {
  /** Whether an open connection may go on. */
  boolean isAlive(Session session) {
    return session.expiresAtMs() > clock.millis();
  }

  /** Whether its token lets somebody in. */
  boolean isAdmitted(Session session) {
    return session.expiresAtMs() > clock.wallMillis();
  }

  // A store may have dropped what expired: then only the expiry that was last seen tells.
  SessionEnd reason(Session gone) {
    return gone.expiresAtMs() <= clock.millis() ? SessionEnd.EXPIRED : SessionEnd.REVOKED;
  }
}

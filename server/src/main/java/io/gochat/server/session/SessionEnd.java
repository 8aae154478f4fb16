package io.gochat.server.session;

/** Why a session ended. */
public enum SessionEnd {
  /** Logged out, here or on another node. */
  REVOKED,
  /** Its lifetime is over. */
  EXPIRED
}

package io.gochat.server.frame;

import io.gochat.server.registry.CloseReason;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.session.SessionEnd;
import io.gochat.server.session.SessionEndListener;

/** Closes the connections of sessions that end. Thread-safe. */
public final class EndedSessions implements SessionEndListener {
  private final ConnectionRegistry registry;

  /** Finds the connections in {@code registry}. */
  public EndedSessions(ConnectionRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void sessionEnded(String sessionId, SessionEnd reason) {
    CloseReason closeReason =
        reason == SessionEnd.REVOKED ? CloseReason.REVOKED : CloseReason.EXPIRED;
    for (Connection connection : registry.ofSession(sessionId)) {
      connection.close(closeReason);
    }
  }
}

package io.gochat.server.session;

/** Hears of sessions that ended, to close their connections. Called on any thread; must return quickly. */
public interface SessionEndListener {
  /** The session ended; may be said more than once, and of sessions that have nothing here. */
  void sessionEnded(String sessionId, SessionEnd reason);
}

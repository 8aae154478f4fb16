package io.gochat.server.session;

import java.time.Duration;

/**
 * How sessions are kept. Immutable.
 *
 * @param lifetime a session of ours ends this long after it was last used
 * @param cached how many are kept in memory
 */
public record SessionOptions(Duration lifetime, int cached) {
  public SessionOptions {
    if (lifetime.toMillis() < 1) {
      throw new IllegalArgumentException("session lifetime: at least a millisecond");
    }
    if (cached < 1) {
      throw new IllegalArgumentException("cached sessions: at least one");
    }
  }
}

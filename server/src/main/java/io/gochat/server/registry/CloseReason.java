package io.gochat.server.registry;

/** Why the server closes a connection; each protocol says it in its own words. */
public enum CloseReason {
  /** The server is stopping. */
  DRAIN,
  /** Logged out or revoked. */
  REVOKED,
  /** The session's lifetime is over. */
  EXPIRED,
  /** Another connection of the same device came. */
  REPLACED,
  /** A consumer that does not read until the deadline. */
  SLOW_CONSUMER
}

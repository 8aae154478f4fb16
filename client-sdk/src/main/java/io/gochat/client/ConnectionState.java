package io.gochat.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client is doing. Immutable.
 *
 * @param phase where it is
 * @param closeReason why it is closed; present in {@link Phase#CLOSED} only
 * @param detail for people, possibly empty
 */
public record ConnectionState(Phase phase, Optional<CloseReason> closeReason, String detail) {
  /** Where a client is. */
  public enum Phase {
    /** {@link ChatClient#connect} was not called yet. */
    NEW,
    /** Trying for the first time. */
    CONNECTING,
    /** Connected; everything asked for was resumed. */
    CONNECTED,
    /** The connection was lost; trying again, and keeping what is to be sent. */
    RECOVERING,
    /** For good. */
    CLOSED
  }

  static ConnectionState of(Phase phase, String detail) {
    return new ConnectionState(phase, Optional.empty(), detail);
  }

  static ConnectionState closed(CloseReason reason, @Nullable String detail) {
    return new ConnectionState(Phase.CLOSED, Optional.of(reason), detail == null ? "" : detail);
  }
}

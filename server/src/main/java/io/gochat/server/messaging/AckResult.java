package io.gochat.server.messaging;

import io.gochat.protocol.ErrorKind;

/** What became of an acknowledgement. Immutable. */
public sealed interface AckResult {
  /** Written, durably. */
  record Acknowledged() implements AckResult {}

  /** Beyond the end, or of a foreign epoch. */
  record Refused(ErrorKind kind, String detail) implements AckResult {}
}

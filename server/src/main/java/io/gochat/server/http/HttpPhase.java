package io.gochat.server.http;

/** Where an HTTP connection stands. */
enum HttpPhase {
  /** Between requests. */
  IDLE,
  /** A request has begun to come. */
  READING,
  /** It has come; the gate is closed. */
  ANSWERING,
  /** The answer is written, but the peer takes none; the gate is closed. */
  BLOCKED,
  /** The last answer is on its way; what comes is dropped. */
  CLOSING,
  /** The last answer has gone and our side is shut; what comes is dropped. */
  LINGERING,
  /** Nothing matters any more. */
  CLOSED;

  /** Whether a request may come, or comes. */
  boolean takesRequests() {
    return this == IDLE || this == READING;
  }
}

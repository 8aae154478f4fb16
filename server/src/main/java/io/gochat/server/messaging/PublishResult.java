package io.gochat.server.messaging;

import io.gochat.protocol.ErrorKind;

/** What became of a publish. Immutable. */
public sealed interface PublishResult {
  /**
   * The message is in the log, durably.
   *
   * @param messageId its id
   * @param seq its sequence in its topic
   * @param duplicate an earlier publish with this client message id; these are its figures
   */
  record Accepted(long messageId, long seq, boolean duplicate) implements PublishResult {}

  /**
   * Not accepted; with {@link ErrorKind#STORE_UNAVAILABLE} alone the outcome is unknown.
   *
   * @param kind why
   * @param detail for people, nothing internal in it
   * @param retryAfterMs when trying again makes sense, in milliseconds; 0: it does not
   */
  record Refused(ErrorKind kind, String detail, int retryAfterMs) implements PublishResult {}
}

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

  /** The client message id belongs to another text. */
  Refused ID_REUSED = new Refused(
      ErrorKind.CLIENT_MESSAGE_ID_REUSED, "client_message_id: was used with another text", 0);

  /** An inbox holds as much as it may, and its owner has to read first. */
  Refused INBOX_FULL =
      new Refused(ErrorKind.TOO_MANY, "inbox full: its owner has not read what is there", 60_000);

  /** One sender has as much unread in an inbox as he may. */
  Refused SENT_TOO_MANY = new Refused(
      ErrorKind.TOO_MANY, "inbox: its owner has not read what you sent; wait for that", 60_000);
}

package io.gochat.client;

/** When a message counts as handled, and so will not come again to another process of this user or device. */
public enum AckMode {
  /** As soon as the message listeners have returned, with or without an exception. */
  AUTO,
  /** When {@link ChatClient#ack} is called; that handles everything up to that message. */
  MANUAL
}

package io.gochat.server.webhook;

/** Webhooks cannot begin, or their file cannot be used; the message is a sentence for the operator. */
public final class UnusableException extends Exception {
  private static final long serialVersionUID = 1;

  UnusableException(String sentence) {
    super(sentence);
  }
}

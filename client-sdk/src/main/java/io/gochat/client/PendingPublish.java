package io.gochat.client;

/** A publish that waits for its answer. Confined to the client's event loop, but for the promise. */
final class PendingPublish {
  private final Recipient to;
  private final String text;
  private final String clientMessageId;
  private final long madeAtMs;
  private final long deadlineMs;
  private final Promise<Published> promise;
  private long requestId;
  private int sent;
  private int refusals;

  PendingPublish(
      Recipient to,
      String text,
      String clientMessageId,
      long madeAtMs,
      long deadlineMs,
      Promise<Published> promise) {
    this.to = to;
    this.text = text;
    this.clientMessageId = clientMessageId;
    this.madeAtMs = madeAtMs;
    this.deadlineMs = deadlineMs;
    this.promise = promise;
  }

  Recipient to() {
    return to;
  }

  String text() {
    return text;
  }

  String clientMessageId() {
    return clientMessageId;
  }

  long madeAtMs() {
    return madeAtMs;
  }

  long deadlineMs() {
    return deadlineMs;
  }

  Promise<Published> promise() {
    return promise;
  }

  /** Under which it is on the wire now; 0: it waits. */
  long requestId() {
    return requestId;
  }

  boolean isInFlight() {
    return requestId != 0;
  }

  /** It is on the wire. */
  void sentAs(long requestId) {
    this.requestId = requestId;
    this.sent++;
  }

  /** Its connection is gone: it must be sent again. */
  void unsent() {
    this.requestId = 0;
  }

  /** The server asked to try again. */
  void refused() {
    this.requestId = 0;
    this.refusals++;
  }

  /** Whether the server has asked to try it again, so that what follows it must wait for its answer. */
  boolean wasRefused() {
    return refusals > 0;
  }

  /** How often it has. */
  int refusals() {
    return refusals;
  }

  /** Whether the server may have stored it. */
  boolean wasSent() {
    return sent > 0;
  }

  /** How often it was on the wire. */
  int sent() {
    return sent;
  }
}

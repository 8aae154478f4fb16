package io.gochat.client;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells the server how far the inbox is handled: one acknowledgement at a time and at most ten a second, each for the
 * newest position, and again after a reconnect if it was not confirmed. Confined to the client's event loop.
 */
final class Acks {
  static final long INTERVAL_MS = 100;

  /** Puts an acknowledgement on the wire. */
  @FunctionalInterface
  interface Sender {
    /** Returns the request id. */
    long send(Position position);
  }

  private final Retry retry;
  private int refusals;
  private @Nullable Position target;
  private @Nullable Position confirmed;
  private @Nullable Position sent;
  private long sentAs;
  private long notBeforeMs;

  Acks(Retry retry) {
    this.retry = retry;
  }

  /** The application is done with everything up to {@code position}. */
  void reached(Position position) {
    target = position;
  }

  /** Sends what is due. */
  void pump(long nowMs, Sender sender) {
    if (isOwed() && sent == null && nowMs >= notBeforeMs) {
      send(nowMs, sender);
    }
  }

  /** Sends what is owed, due or not: the connection is about to be closed. */
  void flush(long nowMs, Sender sender) {
    if (isOwed() && !Objects.equals(sent, target)) {
      send(nowMs, sender);
    }
  }

  /** Whether {@code requestId} was ours; it is confirmed now. */
  boolean answered(long requestId) {
    if (sentAs != requestId || sent == null) {
      return false;
    }
    confirmed = sent;
    sent = null;
    refusals = 0;
    return true;
  }

  /** Whether {@code requestId} was ours; what may pass is tried again, anything else is final. */
  boolean failed(long requestId, ChatException refusal, long nowMs) {
    if (sentAs != requestId || sent == null) {
      return false;
    }
    if (Retry.mayPass(refusal)) {
      long delayMs = retry.delayMs(refusal.retryAfterMs(), refusals++);
      notBeforeMs = nowMs + Math.max(INTERVAL_MS, delayMs);
    } else {
      // The server does not know this position (any more); the next one may be better.
      confirmed = sent;
    }
    sent = null;
    return true;
  }

  /** The connection is gone; what was not confirmed is owed again. */
  void linkDown() {
    sent = null;
  }

  /** When {@link #pump} has something to do next; {@code Long.MAX_VALUE}: never. */
  long nextWakeUpMs() {
    return isOwed() && sent == null ? notBeforeMs : Long.MAX_VALUE;
  }

  private boolean isOwed() {
    return target != null && target.seq() > 0 && !target.equals(confirmed);
  }

  private void send(long nowMs, Sender sender) {
    Position position = target;
    if (position != null) {
      sent = position;
      notBeforeMs = nowMs + INTERVAL_MS;
      sentAs = sender.send(position);
    }
  }
}

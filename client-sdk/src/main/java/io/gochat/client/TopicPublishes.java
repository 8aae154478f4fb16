package io.gochat.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The unanswered publishes to one topic, oldest first. An entry keeps its place until it is answered, so that sending
 * again after a refusal or a lost connection keeps the order. Confined to the client's event loop.
 */
final class TopicPublishes {
  private final int window;
  private final List<PendingPublish> entries = new ArrayList<>();
  private int inFlight;
  private long heldUntilMs;

  /** Lets up to {@code window} publishes be on the wire at once. */
  TopicPublishes(int window) {
    this.window = window;
  }

  void add(PendingPublish publish) {
    entries.add(publish);
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** What may be sent now; null: nothing. */
  @Nullable
  PendingPublish next(long nowMs) {
    if (nowMs < heldUntilMs || inFlight >= window) {
      return null;
    }
    for (PendingPublish entry : entries) {
      if (!entry.isInFlight()) {
        return entry;
      }
      if (entry.wasRefused()) {
        // The server refused it once already; should it do so again, nothing behind it may have got
        // through.
        return null;
      }
    }
    return null;
  }

  /** Until when the server asked us to wait. */
  long heldUntilMs() {
    return heldUntilMs;
  }

  void sent(PendingPublish publish, long requestId) {
    publish.sentAs(requestId);
    inFlight++;
  }

  /** The server asked to wait; {@code publish} stays at its place. */
  void refused(PendingPublish publish, long untilMs) {
    publish.refused();
    inFlight--;
    heldUntilMs = Math.max(heldUntilMs, untilMs);
  }

  /** It was answered, or has expired. */
  void remove(PendingPublish publish) {
    if (entries.remove(publish) && publish.isInFlight()) {
      inFlight--;
    }
  }

  /** The connection is gone; nothing is in flight any more, and nobody asked the next one to wait. */
  void linkDown() {
    entries.forEach(PendingPublish::unsent);
    inFlight = 0;
    heldUntilMs = 0;
  }
}

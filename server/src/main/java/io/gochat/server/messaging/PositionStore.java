package io.gochat.server.messaging;

import java.util.concurrent.CompletableFuture;

/**
 * What each device of a user has acknowledged of the user's inbox. Thread-safe; no method blocks; failures as in
 * {@link MessageLog}.
 */
public interface PositionStore {
  /**
   * Merges by maximum: everything up to {@code seq} was handled by {@code deviceId} (empty: the anonymous device).
   * The caller has checked epoch and bound; a position of an older epoch is replaced. Durable when it completes. It is
   * stored with the id of the message at {@code seq}: for as long as that message is the one stored there, the position
   * counts in whatever epoch is in force.
   */
  CompletableFuture<Void> acknowledge(long userId, String deviceId, long epoch, long seq);

  /**
   * This device's own position; for an unknown or empty device the user's highest from any device; (0, 0) when there
   * is none. Its epoch is the one in force if it counts there.
   */
  CompletableFuture<AcknowledgedPosition> acknowledged(long userId, String deviceId);

  /**
   * An acknowledged position.
   *
   * @param epoch in which it counts; 0: none
   * @param seq everything up to here was handled
   */
  record AcknowledgedPosition(long epoch, long seq) {
    /** Nothing acknowledged yet. */
    public static final AcknowledgedPosition NONE = new AcknowledgedPosition(0, 0);
  }
}

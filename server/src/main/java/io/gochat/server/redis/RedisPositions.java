package io.gochat.server.redis;

import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.Topic;
import java.util.concurrent.CompletableFuture;

/**
 * Acknowledged positions in Redis: a hash per user, a field per device, and {@code *} for the highest of all.
 * Thread-safe.
 */
final class RedisPositions implements PositionStore {
  private static final Script ACKNOWLEDGE = Script.load("message_id", "positions", "acknowledge");
  private static final Script ACKNOWLEDGED = Script.load("message_id", "positions", "acknowledged");
  static final byte[] ALL = Keys.bytes("*");
  // Per user; device ids come from clients.
  private static final byte[] MOST_DEVICES = Keys.bytes(256);

  private final RedisLink link;
  private final Continuity continuity;

  RedisPositions(RedisLink link, Continuity continuity) {
    this.link = link;
    this.continuity = continuity;
  }

  @Override
  public CompletableFuture<Void> acknowledge(long userId, String deviceId, long epoch, long seq) {
    return Failures.translated(ACKNOWLEDGE
        .call(
            link.commands(),
            keys(userId),
            device(deviceId),
            Keys.bytes(epoch),
            Keys.bytes(seq),
            MOST_DEVICES,
            Keys.bytes(continuity.epoch()))
        .thenAccept(done -> {}));
  }

  @Override
  public CompletableFuture<AcknowledgedPosition> acknowledged(long userId, String deviceId) {
    return Failures.translated(ACKNOWLEDGED
        .call(link.commands(), keys(userId), device(deviceId), Keys.bytes(continuity.epoch()))
        .thenApply(answer -> answer.isEmpty()
            ? AcknowledgedPosition.NONE
            : new AcknowledgedPosition(
                Keys.number((byte[]) answer.get(0)), Keys.number((byte[]) answer.get(1)))));
  }

  private byte[][] keys(long userId) {
    return new byte[][] {
      link.keys().messages(Topic.inbox(userId)),
      link.keys().positions(userId),
      link.keys().positionIds(userId)
    };
  }

  // In front of the name, so that no device is called "*".
  static byte[] device(String deviceId) {
    return Keys.bytes(deviceId.isEmpty() ? "" : "d:" + deviceId);
  }
}

package io.gochat.server.redis;

import io.gochat.server.messaging.PositionStore;
import io.lettuce.core.KeyValue;
import java.util.concurrent.CompletableFuture;

/**
 * Acknowledged positions in Redis: a hash per user, a field per device, and {@code *} for the highest of all.
 * Thread-safe.
 */
final class RedisPositions implements PositionStore {
  private static final Script ACKNOWLEDGE = Script.load("acknowledge");
  static final byte[] ALL = Keys.bytes("*");
  // Per user; device ids come from clients.
  private static final byte[] MOST_DEVICES = Keys.bytes(256);

  private final RedisLink link;

  RedisPositions(RedisLink link) {
    this.link = link;
  }

  @Override
  public CompletableFuture<Void> acknowledge(long userId, String deviceId, long epoch, long seq) {
    return Failures.translated(ACKNOWLEDGE
        .call(
            link.commands(),
            new byte[][] {link.keys().positions(userId)},
            device(deviceId),
            Keys.bytes(epoch),
            Keys.bytes(seq),
            MOST_DEVICES)
        .thenAccept(done -> {}));
  }

  @Override
  public CompletableFuture<AcknowledgedPosition> acknowledged(long userId, String deviceId) {
    return Failures.translated(link.commands()
        .hmget(link.keys().positions(userId), deviceId.isEmpty() ? ALL : device(deviceId), ALL)
        .thenApply(fields -> {
          KeyValue<byte[], byte[]> own = fields.get(0);
          KeyValue<byte[], byte[]> highest = fields.get(1);
          if (own.hasValue()) {
            return decode(own.getValue());
          }
          return highest.hasValue() ? decode(highest.getValue()) : AcknowledgedPosition.NONE;
        }));
  }

  // In front of the name, so that no device is called "*".
  static byte[] device(String deviceId) {
    return Keys.bytes(deviceId.isEmpty() ? "" : "d:" + deviceId);
  }

  private static AcknowledgedPosition decode(byte[] value) {
    String text = Keys.text(value);
    int colon = text.indexOf(':');
    return new AcknowledgedPosition(
        Long.parseLong(text, 0, colon, 10), Long.parseLong(text, colon + 1, text.length(), 10));
  }
}

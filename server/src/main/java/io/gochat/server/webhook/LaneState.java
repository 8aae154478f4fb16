package io.gochat.server.webhook;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * How far an endpoint has come in a topic, as it is stored where the records alone do not say it. Immutable.
 *
 * @param settled everything up to this position was delivered, or given up
 * @param tries of the event behind it
 * @param firstTriedMs when that was tried first; Unix time in milliseconds
 * @param gap what must be told before it; null: nothing
 */
record LaneState(
    long settled, int tries, long firstTriedMs, @Nullable Gap gap) {
  private static final byte FORMAT = 1;
  private static final int BYTES = 1 + 6 * Long.BYTES;

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(BYTES)
        .put(FORMAT)
        .putLong(settled)
        .putLong(tries)
        .putLong(firstTriedMs);
    if (gap != null) {
      out.putLong(gap.epoch()).putLong(gap.fromSeq()).putLong(gap.toSeq());
    }
    return out.array();
  }

  static LaneState decode(byte[] value) {
    if (value.length != BYTES || value[0] != FORMAT) {
      throw new IllegalArgumentException("a lane of a webhook has an unknown format");
    }
    ByteBuffer in = ByteBuffer.wrap(value, 1, BYTES - 1);
    long settled = in.getLong();
    int tries = (int) in.getLong();
    long firstTriedMs = in.getLong();
    Gap gap = new Gap(in.getLong(), in.getLong(), in.getLong());
    return new LaneState(settled, tries, firstTriedMs, gap.toSeq() == 0 ? null : gap);
  }
}

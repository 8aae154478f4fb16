package io.gochat.server.webhook;

import io.gochat.server.messaging.OutboxRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Drops the oldest events of one endpoint while too much waits for it, and leaves word of it: a gap in their place. Confined
 * to the webhooks' loop.
 */
final class Surplus {
  private static final int RECORDS = 256;
  private static final int BYTES = 1 << 20;

  private final Courier courier;
  private final Engine engine;
  private boolean isReading;

  Surplus(Courier courier) {
    this.courier = courier;
    this.engine = courier.engine;
  }

  private boolean isThere() {
    return courier.backlogBytes > engine.mostBacklogBytes;
  }

  /** Drops what is too much, a batch after the other. */
  void drop() {
    if (isReading || !isThere()) {
      return;
    }
    Lane oldest = oldest();
    if (oldest == null) {
      return;
    }
    isReading = true;
    engine.onLoop(
        engine.outbox.read(oldest.topic, oldest.settled(), RECORDS, BYTES),
        records -> {
          isReading = false;
          drop(oldest, records);
          drop();
        },
        failure -> isReading = false);
  }

  private @Nullable Lane oldest() {
    Lane oldest = null;
    for (Lane lane : courier.lanes()) {
      if (lane.pendingBytes > 0 && (oldest == null || lane.oldest() < oldest.oldest())) {
        oldest = lane;
      }
    }
    return oldest;
  }

  private void drop(Lane lane, List<OutboxRecord> records) {
    int dropped = 0;
    for (OutboxRecord record : records) {
      if (!isThere()) {
        break;
      }
      if (record.position() > lane.settled()) {
        long seq = EventJson.message(record).getSeq();
        Gap gap = new Gap(record.epoch(), seq, seq);
        lane.gap = lane.gap == null ? gap : lane.gap.and(gap);
        lane.changed();
        lane.beside.settled(lane, record, engine.progress.changes());
        dropped++;
      }
    }
    if (records.isEmpty()) {
      lane.nothingFollows();
    }
    courier.meters.dropped(dropped);
    if (dropped > 0) {
      engine.warnings.warn(
          "backlog " + courier.name(),
          "too much waits for the webhook " + courier.name()
              + ": the oldest events are dropped, and it will be told of a gap",
          dropped + " of " + lane.topic);
    }
    courier.wake(lane);
  }
}

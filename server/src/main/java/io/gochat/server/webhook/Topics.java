package io.gochat.server.webhook;

import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.Outbox.Recorded;
import io.gochat.server.messaging.Topic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The topics of which somebody is still to be told, and the lanes of all endpoints in them. Bounded: what there is no room
 * for stays in the store, and is found when there is. Confined to the webhooks' loop.
 */
final class Topics {
  private static final int MOST = 200_000;
  private static final long MOST_QUEUED_BYTES = 32L << 20;

  private final Map<Topic, TopicLanes> lanes = new HashMap<>();
  private List<Courier> couriers = List.of();
  private boolean isOverfull;
  private long queuedBytes;

  /** Who wants to be told. */
  List<Courier> couriers() {
    return couriers;
  }

  /** Who brings the endpoint of this name its events; null: nobody does. */
  @Nullable
  Courier courier(String name) {
    return couriers.stream()
        .filter(courier -> courier.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  void couriers(List<Courier> made) {
    couriers = List.copyOf(made);
  }

  void clear() {
    lanes.clear();
    couriers = List.of();
    isOverfull = false;
    queuedBytes = 0;
  }

  /** The lanes of a topic; null: nothing waits there. */
  @Nullable
  TopicLanes of(Topic topic) {
    return lanes.get(topic);
  }

  boolean has(Topic topic) {
    return lanes.containsKey(topic);
  }

  /** Lanes for all who want to hear of it; null: nobody does. */
  @Nullable
  TopicLanes open(Topic topic, Map<String, LaneState> rows, long settledByAll) {
    TopicLanes opened = new TopicLanes(topic);
    for (Courier courier : couriers) {
      courier.since.forEach((type, since) -> {
        if (courier.endpoint.topicsOf(type).has(topic)) {
          LaneState row = rows.isEmpty() ? null : rows.get(Lane.key(courier.name(), type, topic));
          long from = Math.max(since, settledByAll);
          Lane lane = courier.lane(
              type,
              opened,
              row == null || row.settled() < from ? new LaneState(from, 0, 0, null) : row);
          lane.hasRow = row != null;
        }
      });
    }
    if (opened.lanes.isEmpty()) {
      return null;
    }
    lanes.put(topic, opened);
    return opened;
  }

  /** More was recorded; what nobody wants of it is among the changes. */
  void noticed(Recorded recorded, Outbox.Changes changes) {
    TopicLanes topic = lanes.get(recorded.topic());
    long first = recorded.records().isEmpty() ? 0 : recorded.records().get(0).position();
    if (topic == null) {
      if (!hasRoom()) {
        isOverfull = true;
        return;
      }
      topic = open(recorded.topic(), Map.of(), Math.max(0, first - 1));
      if (topic == null) {
        changes.trim(recorded.topic(), recorded.lastPosition());
        return;
      }
    }
    topic.isLeaving = false;
    for (Lane lane : topic.lanes) {
      boolean isComplete = lane.isQueueComplete();
      lane.noticed(first, recorded.lastPosition(), recorded.bytes());
      if (isComplete && queuedBytes < MOST_QUEUED_BYTES) {
        lane.queue(recorded.records());
      }
      lane.courier.wake(lane);
    }
  }

  void forget(TopicLanes topic) {
    lanes.remove(topic.topic, topic);
    topic.lanes.forEach(lane -> lane.courier.forget(lane));
  }

  // ---- room ----

  boolean hasRoom() {
    return lanes.size() < MOST;
  }

  /** There was no room for some. */
  void overfull() {
    isOverfull = true;
  }

  /** Whether there is room again for what there was none for. */
  boolean hasRoomAgain() {
    return isOverfull && lanes.size() < MOST / 2;
  }

  /** So much more is in memory of what is to be told; negative: less. */
  void queued(long bytes) {
    queuedBytes += bytes;
  }

  /** Whether records are read one by one, because there is so much in memory. */
  boolean isTight() {
    return queuedBytes > MOST_QUEUED_BYTES;
  }
}

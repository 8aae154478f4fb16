package io.gochat.server.webhook;

import io.gochat.server.messaging.OutboxRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one endpoint its events: lanes beside each other, so many tries at a time. Confined to the webhooks' loop.
 *
 * <p>A lane whose event is not taken waits and tries again, and the others go on. Once nothing is taken any more, the
 * endpoint as a whole fails: then there is one try at a time, less and less often, and when one succeeds all lanes go on at
 * once.
 */
final class Courier {
  private static final Logger log = LoggerFactory.getLogger("io.gochat.server.webhook.Webhooks");
  static final int AT_ONCE = 32;
  private static final int FAILURES_TO_FAIL = 3;
  private static final int PAGE_RECORDS = 32;
  private static final int PAGE_BYTES = 128 << 10;
  private static final long AGAIN_MS = 1_000;

  final Engine engine;
  final Endpoint endpoint;
  final WebhookMeters meters;
  /** Where it begins, by type of event. */
  final Map<EventType, Long> since = new EnumMap<>(EventType.class);

  private final Set<Lane> lanes = new HashSet<>();
  private final Surplus surplus;
  private final Deque<Lane> ready = new ArrayDeque<>();
  private final PriorityQueue<Lane> waiting =
      new PriorityQueue<>(Comparator.comparingLong(lane -> lane.waitsUntilMs));
  long backlogBytes;
  private int underWay;
  private int failures;
  private boolean isFailing;
  private boolean hasEnded;
  private long pausedUntilMs;

  Courier(Engine engine, Endpoint endpoint, WebhookMeters meters) {
    this.engine = engine;
    this.endpoint = endpoint;
    this.meters = meters;
    this.surplus = new Surplus(this);
  }

  String name() {
    return endpoint.name();
  }

  int underWay() {
    return underWay;
  }

  /** A lane of its own for the topic. */
  Lane lane(EventType type, TopicLanes beside, LaneState from) {
    Lane lane = new Lane(this, type, beside, from);
    lanes.add(lane);
    beside.lanes.add(lane);
    return lane;
  }

  void forget(Lane lane) {
    lane.drop();
    lanes.remove(lane);
    ready.remove(lane);
    waiting.remove(lane);
  }

  /** There may be something to do for it. */
  void wake(Lane lane) {
    if (!lane.isReady && !lane.isBusy && lane.waitsUntilMs == 0 && !lane.isIdle()) {
      lane.isReady = true;
      ready.add(lane);
    }
  }

  private void waitUntil(Lane lane, long atMs, boolean forRetry) {
    lane.waitsUntilMs = Math.max(1, atMs);
    lane.waitsForRetry = forRetry;
    waiting.add(lane);
  }

  void tick(long nowMs) {
    while (!waiting.isEmpty() && waiting.peek().waitsUntilMs <= nowMs) {
      Lane lane = waiting.remove();
      lane.waitsUntilMs = 0;
      wake(lane);
    }
    surplus.drop();
    pump(nowMs);
  }

  /** Begins what may begin. */
  void pump(long nowMs) {
    while (engine.isRunning() && !hasEnded && mayBegin(nowMs)) {
      Lane lane = ready.poll();
      if (lane == null) {
        return;
      }
      lane.isReady = false;
      if (!lane.isBusy) {
        begin(lane);
      }
    }
  }

  private boolean mayBegin(long nowMs) {
    return isFailing ? underWay == 0 && nowMs >= pausedUntilMs : underWay < AT_ONCE;
  }

  private void begin(Lane lane) {
    if (lane.gap != null) {
      send(lane, null);
      return;
    }
    OutboxRecord head = lane.head();
    if (head == null) {
      if (!lane.isIdle()) {
        read(lane);
      }
      return;
    }
    if (lane.type == EventType.INBOX_UNDELIVERED) {
      lookWhetherUndelivered(lane, head);
    } else {
      send(lane, head);
    }
  }

  private void busy(Lane lane) {
    lane.isBusy = true;
    underWay++;
  }

  private void free(Lane lane) {
    lane.isBusy = false;
    underWay--;
  }

  private void read(Lane lane) {
    busy(lane);
    boolean isTight = engine.topics.isTight();
    engine.onLoop(
        engine.outbox.read(lane.topic, lane.settled(), isTight ? 1 : PAGE_RECORDS, PAGE_BYTES),
        records -> {
          free(lane);
          lane.queue(records);
          if (records.isEmpty()) {
            lane.nothingFollows();
          }
          next(lane);
        },
        failure -> {
          free(lane);
          waitUntil(lane, engine.nowMs() + AGAIN_MS, false);
        });
  }

  private void next(Lane lane) {
    if (lane.isIdle()) {
      engine.progress.idle(lane.beside);
    }
    wake(lane);
    pump(engine.nowMs());
  }

  // ---- what nobody has read ----

  private void lookWhetherUndelivered(Lane lane, OutboxRecord head) {
    var message = EventJson.message(head);
    long dueInMs = message.getCreatedAtMs() + engine.offlineAfterMs - engine.clock.millis();
    if (dueInMs > 0) {
      // A clock that was set back must not make it wait for long.
      waitUntil(lane, engine.nowMs() + Math.min(dueInMs, engine.offlineAfterMs), false);
      return;
    }
    busy(lane);
    long userId = lane.topic.id();
    engine.onLoop(
        engine.positions.acknowledged(userId, ""),
        acknowledged -> {
          free(lane);
          boolean isRead =
              acknowledged.epoch() == head.epoch() && acknowledged.seq() >= message.getSeq();
          if (isRead || engine.isConnected(userId)) {
            lane.beside.settled(lane, head, engine.progress.changes());
            next(lane);
          } else {
            send(lane, head);
          }
        },
        failure -> {
          free(lane);
          waitUntil(lane, engine.nowMs() + AGAIN_MS, false);
        });
  }

  // ---- tries ----

  /** Tells of the gap, or of the record behind it. */
  private void send(Lane lane, @Nullable OutboxRecord record) {
    Gap gap = lane.gap;
    Event event = record == null && gap != null
        ? EventJson.of(lane.topic, gap, lane.type, engine.clock.millis())
        : EventJson.of(lane.type, Objects.requireNonNull(record));
    busy(lane);
    engine.send(endpoint, event, outcome -> {
      free(lane);
      meters.tried(outcome.kind());
      if (outcome.isDelivered()) {
        works();
        delivered(lane, record, gap);
      } else {
        failed(lane, record, event, outcome);
      }
    });
  }

  private void delivered(Lane lane, @Nullable OutboxRecord record, @Nullable Gap gap) {
    if (record == null) {
      if (gap != null && gap.equals(lane.gap)) {
        lane.gap = null;
        lane.tries = 0;
        lane.changed();
      }
    } else if (record.position() > lane.settled()) {
      lane.beside.settled(lane, record, engine.progress.changes());
    }
    next(lane);
  }

  private void works() {
    failures = 0;
    if (isFailing) {
      isFailing = false;
      log.info("the webhook {} takes events again", name());
      for (Lane lane : new ArrayList<>(waiting)) {
        if (lane.waitsForRetry) {
          waiting.remove(lane);
          lane.waitsUntilMs = 0;
          wake(lane);
        }
      }
    }
  }

  private void failed(Lane lane, @Nullable OutboxRecord record, Event event, Outcome outcome) {
    if (outcome.isGone()) {
      log.warn(
          "the webhook {} answered 410: it has ended, and what waits for it is dropped", name());
      hasEnded = true;
      engine.ended(this);
      return;
    }
    long wallMs = engine.clock.millis();
    if (lane.tries++ == 0) {
      lane.firstTriedMs = wallMs;
    }
    lane.changed();
    countFailure(outcome);
    boolean isCurrent = record == null || record.position() > lane.settled();
    if (isCurrent && RetryRules.isOver(outcome, lane.tries, wallMs - lane.firstTriedMs)) {
      giveUp(lane, record, event, outcome);
    } else if (isCurrent) {
      waitUntil(lane, engine.nowMs() + RetryRules.waitMs(lane.tries, outcome.retryAfterMs()), true);
      pump(engine.nowMs());
    } else {
      next(lane); // it was dropped meanwhile
    }
  }

  // An answer that is final is about the event, not about the endpoint.
  private void countFailure(Outcome outcome) {
    if (outcome.isFinal()) {
      return;
    }
    failures++;
    if (failures >= FAILURES_TO_FAIL) {
      pausedUntilMs = engine.nowMs()
          + RetryRules.waitMs(failures - FAILURES_TO_FAIL + 1, outcome.retryAfterMs());
      if (!isFailing) {
        isFailing = true;
        log.warn("the webhook {} takes no events: {}", name(), outcome.detail());
      }
    }
  }

  private void giveUp(Lane lane, @Nullable OutboxRecord record, Event event, Outcome outcome) {
    engine.warnings.warn(
        "dead " + name(),
        "the webhook " + name() + " did not take an event, which is a dead letter now",
        event.id() + ", " + outcome.detail());
    meters.died();
    engine.burials.bury(
        name(),
        new DeadLetter(
            event,
            record == null ? EventType.GAP : lane.type,
            lane.topic.toString(),
            lane.tries,
            engine.clock.millis(),
            outcome.detail()));
    if (record == null) {
      lane.gap = null;
      lane.tries = 0;
    } else {
      lane.beside.settled(lane, record, engine.progress.changes());
    }
    next(lane);
  }

  // ---- what it shows ----

  /** All its lanes; not to be changed. */
  Collection<Lane> lanes() {
    return lanes;
  }

  /** For how long the oldest event has waited. */
  Duration age() {
    Lane oldest = null;
    for (Lane lane : lanes) {
      if (lane.head() != null && (oldest == null || lane.oldest() < oldest.oldest())) {
        oldest = lane;
      }
    }
    OutboxRecord head = oldest == null ? null : oldest.head();
    if (oldest == null || head == null) {
      return Duration.ZERO;
    }
    long waitsMs = engine.clock.millis() - EventJson.message(head).getCreatedAtMs();
    long meantMs = oldest.type == EventType.INBOX_UNDELIVERED ? engine.offlineAfterMs : 0;
    return Duration.ofMillis(Math.max(0, waitsMs - meantMs));
  }

  /** As it is now, with so many dead letters. */
  EndpointView view(int dead) {
    return new EndpointView(
        name(),
        endpoint.url().toString(),
        isFailing ? "fails" : "works",
        backlogBytes,
        age().toMillis(),
        dead);
  }

  void show() {
    meters.show(backlogBytes, age().toMillis() / 1_000.0, !isFailing);
  }
}

package io.gochat.server.webhook;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.bounds.Warnings;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.Outbox.Recorded;
import io.gochat.server.messaging.Outbox.Table;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicFilter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the outbox, and keeps couriers for the endpoints. Confined to one thread, its loop; nothing blocks.
 *
 * <p>What is in memory is only what the store says as well: records until they are delivered, rows where those do not say
 * enough. So whatever is unclear (another node led, the file of endpoints changed, the store was opened anew) ends the same
 * way: what is under way is awaited, what is known is forgotten, and everything is {@linkplain Loading read again}. What
 * was delivered but not yet written as such is told once more, with the same id.
 */
final class Engine {
  private static final Logger log = LoggerFactory.getLogger("io.gochat.server.webhook.Webhooks");
  static final long MOST_QUEUED_BYTES = 32L << 20;
  static final int MOST_TOPICS = 200_000;
  private static final int MOST_DEAD = 10_000;
  /** As far as they are counted when everything is read. */
  static final int MOST_DEAD_COUNTED = MOST_DEAD + 1;

  private static final long LEAD_EVERY_MS = 2_000;
  // Less than a lease: nobody else leads by then, and this node does not go on before it has asked
  // again.
  private static final long LEAD_FOR_MS = 8_000;
  private static final long WRITE_EVERY_MS = 100;
  private static final long SHOW_EVERY_MS = 1_000;
  private static final long AGAIN_MS = 1_000;

  final Outbox outbox;
  final PositionStore positions;
  final GuardedClock clock;
  final Warnings warnings = new Warnings(log);
  final long mostBacklogBytes;
  final long offlineAfterMs;
  private final Sender sender;
  private final LongPredicate connected;
  private final MeterRegistry registry;
  private final Executor loop;

  private final Map<Topic, TopicLanes> topics = new HashMap<>();
  private final List<TopicLanes> leaving = new ArrayList<>();
  private final List<Lane> changed = new ArrayList<>();
  private final Map<Topic, Recorded> unseen = new LinkedHashMap<>();
  private final Map<String, Integer> deadLetters = new HashMap<>();
  /** Also those of couriers that were being made when something could not be read. */
  private final List<WebhookMeters> meters = new ArrayList<>();

  private List<Courier> couriers = List.of();
  private List<Endpoint> endpoints;
  private Phase phase = Phase.FOLLOWING;
  private int generation;
  /** In which this node leads; 0: it does not. */
  private long term;

  private boolean isOverfull;
  private long ledAtMs;
  private long askLeadAtMs;
  private long writeAtMs;
  private long showAtMs;
  private long loadAtMs;
  long queuedBytes;
  private Outbox.Changes changes = new Outbox.Changes();
  private Outbox.@Nullable Changes writing;
  /** Writes that again, which failed; null: it did not, so far. */
  private @Nullable Runnable again;

  private long againAtMs;
  private @Nullable CompletableFuture<Void> stopping;
  private final CompletableFuture<Void> begun = new CompletableFuture<>();

  private enum Phase {
    /** Another node tells, or nobody knows. */
    FOLLOWING,
    /** Everything is read. */
    LOADING,
    RUNNING,
    /** What is under way is awaited and written, then everything is read again, or nothing more is done. */
    DRAINING,
    STOPPED
  }

  /** What it works with. */
  record Parts(
      Outbox outbox,
      PositionStore positions,
      Sender sender,
      LongPredicate connected,
      GuardedClock clock,
      MeterRegistry registry,
      Executor loop,
      long mostBacklogBytes,
      long offlineAfterMs) {}

  Engine(Parts parts, List<Endpoint> endpoints) {
    this.outbox = parts.outbox();
    this.positions = parts.positions();
    this.sender = parts.sender();
    this.connected = parts.connected();
    this.clock = parts.clock();
    this.registry = parts.registry();
    this.loop = parts.loop();
    this.mostBacklogBytes = parts.mostBacklogBytes();
    this.offlineAfterMs = parts.offlineAfterMs();
    this.endpoints = endpoints;
  }

  // ---- for couriers ----

  long nowMs() {
    return clock.monotonicMillis();
  }

  boolean isRunning() {
    return phase == Phase.RUNNING && nowMs() - ledAtMs < LEAD_FOR_MS;
  }

  boolean isConnected(long userId) {
    return connected.test(userId);
  }

  /** What is written next. */
  Outbox.Changes changes() {
    return changes;
  }

  /** Completes on the loop, unless everything was read again meanwhile. */
  <T> void onLoop(CompletableFuture<T> future, Consumer<T> completed, Consumer<Throwable> failed) {
    int asOf = generation;
    future.whenComplete((result, failure) -> execute(() -> {
      if (asOf == generation) {
        if (failure == null) {
          completed.accept(result);
        } else {
          log.debug("the outbox cannot be asked", failure);
          failed.accept(failure);
        }
      }
    }));
  }

  void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("closed", e);
    }
  }

  void send(Endpoint endpoint, Event event, Consumer<Outcome> answer) {
    int asOf = generation;
    sender.send(endpoint, event, outcome -> {
      if (asOf == generation) {
        answer.accept(outcome);
      }
    });
  }

  void bury(String endpoint, DeadLetter letter) {
    int known = deadLetters.merge(endpoint, 1, Integer::sum);
    String key = endpoint + "/" + letter.event().id();
    changes.put(Table.DEAD, key, letter.encode());
    if (known > MOST_DEAD) {
      deadLetters.put(endpoint, known - 1);
      onLoop(
          outbox.rows(Table.DEAD, endpoint + "/", "", 1),
          rows -> rows.forEach(row -> {
            changes.delete(Table.DEAD, row.key());
            warnings.warn(
                "dead letters " + endpoint,
                "the webhook " + endpoint + " has too many dead letters: one of them is deleted",
                row.key());
          }),
          failure -> {});
    }
  }

  /** Its row is written with the next changes. */
  void changed(Lane lane) {
    changed.add(lane);
  }

  /** All its lanes are done, for now. */
  void idle(TopicLanes topic) {
    if (!topic.isLeaving && topic.isIdle()) {
      topic.isLeaving = true;
      leaving.add(topic);
    }
  }

  /** It answered that it is gone. */
  void ended(Courier courier) {
    changes.put(
        Table.ENDPOINT, courier.name(), EndpointState.ended(courier.endpoint).encode());
    readAgain();
  }

  // ---- from outside, on the loop ----

  /** These are the endpoints from now on. */
  void configure(List<Endpoint> changed) {
    endpoints = changed;
    if (phase == Phase.FOLLOWING) {
      beginElsewhere();
    }
    readAgain();
  }

  void readAgain() {
    if (phase == Phase.RUNNING) {
      phase = Phase.DRAINING;
    } else if (phase == Phase.LOADING) {
      generation++; // what is being read is out of date
      loadAtMs = nowMs();
    }
  }

  void recorded(Collection<Recorded> recorded) {
    if (phase == Phase.FOLLOWING) {
      return;
    }
    for (Recorded one : recorded) {
      if (phase == Phase.RUNNING || topics.containsKey(one.topic())) {
        noticed(one);
      } else if (phase == Phase.LOADING) {
        unseen.merge(
            one.topic(),
            one,
            (first, then) -> new Recorded(
                then.topic(), then.lastPosition(), first.bytes() + then.bytes(), List.of()));
      }
    }
    if (phase == Phase.RUNNING) {
      long nowMs = nowMs();
      couriers.forEach(courier -> courier.pump(nowMs));
    }
  }

  private void noticed(Recorded recorded) {
    TopicLanes topic = topics.get(recorded.topic());
    long first = recorded.records().isEmpty() ? 0 : recorded.records().get(0).position();
    if (topic == null) {
      if (topics.size() >= MOST_TOPICS) {
        isOverfull = true; // it is found when there is room again
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

  /** The lanes of a topic; null: nothing waits there. */
  @Nullable
  TopicLanes lanesOf(Topic topic) {
    return topics.get(topic);
  }

  /** Lanes for all who want to hear of it; null: nobody does. */
  @Nullable
  TopicLanes open(Topic topic, Map<String, LaneState> rows, long settledByAll) {
    TopicLanes lanes = new TopicLanes(topic);
    for (Courier courier : couriers) {
      courier.since.forEach((type, since) -> {
        if (courier.endpoint.topicsOf(type).has(topic)) {
          LaneState row = rows.isEmpty() ? null : rows.get(Lane.key(courier.name(), type, topic));
          long from = Math.max(since, settledByAll);
          Lane lane = courier.lane(
              type,
              lanes,
              row == null || row.settled() < from ? new LaneState(from, 0, 0, null) : row);
          lane.hasRow = row != null;
        }
      });
    }
    if (lanes.lanes.isEmpty()) {
      return null;
    }
    topics.put(topic, lanes);
    return lanes;
  }

  /** Completes when all endpoints of the beginning have their place in the outbox, whoever tells them. */
  CompletableFuture<Void> begins() {
    return begun;
  }

  /** They have, and what is published from now on is told. */
  void begun() {
    begun.complete(null);
  }

  /** As it is now. */
  List<EndpointView> views() {
    List<EndpointView> views = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      Courier courier = couriers.stream()
          .filter(one -> one.name().equals(endpoint.name()))
          .findFirst()
          .orElse(null);
      int dead = deadLetters.getOrDefault(endpoint.name(), 0);
      String url = endpoint.url().toString();
      if (courier == null || phase == Phase.LOADING) {
        views.add(new EndpointView(endpoint.name(), url, untold(), 0, 0, dead));
      } else {
        views.add(new EndpointView(
            endpoint.name(),
            url,
            courier.isFailing() ? "fails" : "works",
            courier.backlogBytes,
            courier.age().toMillis(),
            dead));
      }
    }
    return views;
  }

  /** Why an endpoint is told nothing. */
  private String untold() {
    return switch (phase) {
      case FOLLOWING -> "elsewhere";
      case LOADING, DRAINING, STOPPED -> "starts";
      case RUNNING -> "ended";
    };
  }

  /** An endpoint that ended begins anew; also when another node leads, but that one sees it later. */
  CompletableFuture<Void> enable(String name) {
    if (phase != Phase.RUNNING) {
      return CompletableFuture.failedFuture(new RefusedException(
          ErrorKind.NOT_READY, "this node does not tell webhooks now; ask another one"));
    }
    boolean isTold = couriers.stream().anyMatch(courier -> courier.name().equals(name));
    if (isTold) {
      return CompletableFuture.completedFuture(null);
    }
    changes.delete(Table.ENDPOINT, name);
    for (EventType type : EventType.values()) {
      changes.forget(Lane.subscription(name, type));
    }
    readAgain();
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Begins nothing more; completes when what is under way is over and written. That may be never, for who fails may fail
   * for ever: the caller knows how long to wait.
   */
  CompletableFuture<Void> stop() {
    CompletableFuture<Void> stopped = stopping;
    if (stopped == null) {
      stopped = new CompletableFuture<>();
      stopping = stopped;
      if (phase == Phase.RUNNING || phase == Phase.DRAINING) {
        phase = Phase.DRAINING;
        drain();
      } else {
        stopped(); // what is read, or is another node's, needs no writing
      }
    }
    return stopped;
  }

  private void stopped() {
    generation++;
    phase = Phase.STOPPED;
    if (stopping != null) {
      stopping.complete(null);
    }
  }

  // ---- the clock ----

  void tick() {
    long nowMs = nowMs();
    if (nowMs >= askLeadAtMs && stopping == null) {
      askLeadAtMs = nowMs + LEAD_EVERY_MS;
      askLead(nowMs);
    }
    sender.tick();
    switch (phase) {
      case FOLLOWING -> {}
      case LOADING -> {
        if (loadAtMs > 0 && nowMs >= loadAtMs) {
          load();
        }
      }
      case RUNNING -> couriers.forEach(courier -> courier.tick(nowMs));
      case DRAINING -> drain();
      case STOPPED -> {
        return;
      }
    }
    if (nowMs >= writeAtMs) {
      write(nowMs);
    }
    if (nowMs >= showAtMs) {
      showAtMs = nowMs + SHOW_EVERY_MS;
      couriers.forEach(Courier::show);
      if (isOverfull && topics.size() < MOST_TOPICS / 2) {
        readAgain();
      }
    }
  }

  private void drain() {
    write(nowMs());
    if (!isDrained()) {
      return;
    }
    if (stopping == null) {
      load();
    } else {
      stopped();
    }
  }

  private void askLead(long askedAtMs) {
    outbox
        .lead()
        .whenComplete((answered, failure) -> execute(() -> {
          if (failure != null) {
            log.debug("the lead cannot be asked for", failure);
          } else if (phase == Phase.STOPPED) {
            log.debug("the lead is not needed any more");
          } else if (answered == 0) {
            follow();
          } else if (stopping == null) {
            ledAtMs = askedAtMs;
            if (answered != term) {
              term = answered;
              load();
            }
          }
        }));
  }

  private void follow() {
    if (term != 0) {
      log.warn("another node tells webhooks now");
    }
    term = 0;
    forget();
    phase = Phase.FOLLOWING;
    if (stopping != null) {
      stopped();
    }
    if (!begun.isDone()) {
      beginElsewhere();
    }
  }

  /** Endpoints begin where they were first heard of, also when another node tells them. */
  private void beginElsewhere() {
    List<CompletableFuture<Long>> begins = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      for (EventType type : endpoint.events()) {
        begins.add(outbox.begin(Lane.subscription(endpoint.name(), type)));
      }
    }
    CompletableFuture.allOf(begins.toArray(CompletableFuture<?>[]::new))
        .whenComplete((done, failure) -> {
          if (failure == null) {
            begun.complete(null);
          }
        });
  }

  private boolean isDrained() {
    return writing == null
        && changed.isEmpty()
        && leaving.isEmpty()
        && changes.isEmpty()
        && couriers.stream().allMatch(courier -> courier.underWay() == 0);
  }

  // ---- writing ----

  private void write(long nowMs) {
    if (phase == Phase.FOLLOWING) {
      return;
    }
    if (writing != null) {
      writeAgain(nowMs);
      return;
    }
    writeAtMs = nowMs + WRITE_EVERY_MS;
    changed.forEach(this::writeRow);
    changed.clear();
    List<TopicLanes> gone = leave();
    if (changes.isEmpty()) {
      forget(gone);
      return;
    }
    Outbox.Changes now = changes;
    changes = new Outbox.Changes();
    write(now, gone);
  }

  private void write(Outbox.Changes now, List<TopicLanes> gone) {
    writing = now;
    onLoop(
        outbox.write(now),
        done -> {
          writing = null;
          forget(gone);
        },
        failure -> {
          warnings.warn(
              "write", "what webhooks were told cannot be written; it is tried again", failure);
          again = () -> write(now, gone);
          againAtMs = nowMs() + AGAIN_MS;
        });
  }

  private void writeAgain(long nowMs) {
    Runnable failed = again;
    if (failed != null && nowMs >= againAtMs) {
      again = null;
      failed.run();
    }
  }

  private void writeRow(Lane lane) {
    if (!lane.takeChange()) {
      return; // dropped meanwhile
    }
    if (lane.tries > 0 || lane.gap != null || lane.beside.isAheadOfOthers(lane)) {
      lane.hasRow = true;
      changes.put(Table.LANE, lane.key(), lane.state().encode());
    } else if (lane.hasRow) {
      lane.hasRow = false;
      changes.delete(Table.LANE, lane.key());
    }
  }

  // Topics are forgotten when their records are deleted: until then they would be read again.
  private List<TopicLanes> leave() {
    List<TopicLanes> gone = new ArrayList<>();
    for (TopicLanes topic : leaving) {
      if (topic.isLeaving && topic.isIdle()) {
        gone.add(topic);
        for (Lane lane : topic.lanes) {
          if (lane.hasRow) {
            lane.hasRow = false;
            changes.delete(Table.LANE, lane.key());
          }
        }
      } else {
        topic.isLeaving = false;
      }
    }
    leaving.clear();
    return gone;
  }

  private void forget(List<TopicLanes> gone) {
    for (TopicLanes topic : gone) {
      if (topic.isLeaving && topic.isIdle()) {
        topics.remove(topic.topic, topic);
        topic.lanes.forEach(lane -> lane.courier.forget(lane));
      }
    }
  }

  // ---- reading everything ----

  private void forget() {
    generation++;
    topics.clear();
    leaving.clear();
    changed.clear();
    unseen.clear();
    changes = new Outbox.Changes();
    writing = null;
    again = null;
    queuedBytes = 0;
    isOverfull = false;
    meters.forEach(WebhookMeters::remove);
    meters.clear();
    couriers.forEach(courier -> sender.forget(courier.endpoint));
    couriers = List.of();
  }

  private void load() {
    forget();
    phase = Phase.LOADING;
    loadAtMs = 0;
    new Loading(this, endpoints).run();
  }

  /** It cannot be read now. */
  void loadLater(Throwable failure) {
    warnings.warn("load", "the outbox cannot be read; it is tried again", failure);
    generation++;
    loadAtMs = nowMs() + AGAIN_MS;
  }

  WebhookMeters meters(String endpoint) {
    WebhookMeters made = new WebhookMeters(registry, endpoint);
    meters.add(made);
    return made;
  }

  /** These are told from now on. */
  void couriers(List<Courier> made) {
    couriers = List.copyOf(made);
    TopicFilter wanted = TopicFilter.NONE;
    for (Courier courier : couriers) {
      wanted = wanted.or(courier.endpoint.wanted());
    }
    outbox.record(wanted);
  }

  void dead(String endpoint, int letters) {
    deadLetters.put(endpoint, letters);
  }

  void isOverfull(boolean overfull) {
    isOverfull = overfull;
  }

  boolean hasRoom() {
    return topics.size() < MOST_TOPICS;
  }

  /** Everything is known. */
  void loaded() {
    phase = Phase.RUNNING;
    List<Recorded> meanwhile = List.copyOf(unseen.values());
    unseen.clear();
    recorded(meanwhile);
    for (Courier courier : couriers) {
      courier.eachLane(courier::wake);
    }
    tick();
  }
}

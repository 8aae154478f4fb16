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
final class Engine implements Burials.Turns {
  private static final Logger log = LoggerFactory.getLogger("io.gochat.server.webhook.Webhooks");
  private static final long SHOW_EVERY_MS = 1_000;
  private static final long LOAD_AGAIN_MS = 1_000;

  final Outbox outbox;
  final PositionStore positions;
  final GuardedClock clock;
  final Warnings warnings = new Warnings(log);
  final long mostBacklogBytes;
  final long offlineAfterMs;
  private final Sender sender;
  private final LongPredicate connected;
  private final MeterRegistry meters;
  private final Executor loop;

  final Topics topics = new Topics();
  final Progress progress = new Progress(this);
  final Burials burials;
  final Beginnings beginnings;
  private final Lead lead;
  private final Map<Topic, Recorded> unseen = new LinkedHashMap<>();
  /** Also those of couriers that were being made when something could not be read. */
  private final List<WebhookMeters> shown = new ArrayList<>();

  private List<Endpoint> endpoints;
  private Phase phase = Phase.FOLLOWING;
  private int generation;
  private long showAtMs;
  private long loadAtMs;
  private @Nullable CompletableFuture<Void> stopping;

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
      MeterRegistry meters,
      Executor loop,
      long mostBacklogBytes,
      long offlineAfterMs) {}

  Engine(Parts parts, List<Endpoint> endpoints) {
    this.outbox = parts.outbox();
    this.positions = parts.positions();
    this.sender = parts.sender();
    this.connected = parts.connected();
    this.clock = parts.clock();
    this.meters = parts.meters();
    this.loop = parts.loop();
    this.mostBacklogBytes = parts.mostBacklogBytes();
    this.offlineAfterMs = parts.offlineAfterMs();
    this.endpoints = endpoints;
    this.lead = new Lead(outbox, this::execute, this::load, this::follow);
    this.beginnings = new Beginnings(outbox);
    this.burials = new Burials(outbox, progress::changes, warnings, this);
  }

  // ---- for couriers ----

  long nowMs() {
    return clock.monotonicMillis();
  }

  boolean isRunning() {
    return phase == Phase.RUNNING && lead.isHeld(nowMs());
  }

  boolean isConnected(long userId) {
    return connected.test(userId);
  }

  @Override
  public <T> void onLoop(
      CompletableFuture<T> future, Consumer<T> completed, Consumer<Throwable> failed) {
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

  /** It answered that it is gone. */
  void ended(Courier courier) {
    progress
        .changes()
        .put(
            Table.ENDPOINT,
            courier.name(),
            EndpointState.ended(courier.endpoint).encode());
    readAgain();
  }

  // ---- from outside, on the loop ----

  /** These are the endpoints from now on. */
  void configure(List<Endpoint> changed) {
    endpoints = changed;
    if (phase == Phase.FOLLOWING) {
      beginnings.make(changed);
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
      if (phase == Phase.RUNNING || topics.has(one.topic())) {
        topics.noticed(one, progress.changes());
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
      topics.couriers().forEach(courier -> courier.pump(nowMs));
    }
  }

  /** Completes when all endpoints of the beginning have their place in the outbox, whoever tells them. */
  CompletableFuture<Void> begins() {
    return beginnings.made();
  }

  /** As it is now. */
  List<EndpointView> views() {
    List<EndpointView> views = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      Courier courier = phase == Phase.LOADING ? null : topics.courier(endpoint.name());
      int dead = burials.of(endpoint.name());
      views.add(
          courier == null ? EndpointView.untold(endpoint, untold(), dead) : courier.view(dead));
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
    if (topics.courier(name) != null) {
      return CompletableFuture.completedFuture(null);
    }
    progress.changes().delete(Table.ENDPOINT, name);
    for (EventType type : EventType.values()) {
      progress.changes().forget(type.subscription(name));
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
      lead.unwanted();
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
    lead.tick(nowMs);
    sender.tick();
    switch (phase) {
      case FOLLOWING -> {}
      case LOADING -> {
        if (loadAtMs > 0 && nowMs >= loadAtMs) {
          load();
        }
      }
      case RUNNING -> topics.couriers().forEach(courier -> courier.tick(nowMs));
      case DRAINING -> drain();
      case STOPPED -> {
        return;
      }
    }
    if (phase != Phase.FOLLOWING) {
      progress.tick(nowMs);
    }
    if (nowMs >= showAtMs) {
      showAtMs = nowMs + SHOW_EVERY_MS;
      show();
    }
  }

  private void show() {
    topics.couriers().forEach(Courier::show);
    if (topics.hasRoomAgain()) {
      readAgain();
    }
  }

  private void drain() {
    progress.write(nowMs());
    if (!isDrained()) {
      return;
    }
    if (stopping == null) {
      load();
    } else {
      stopped();
    }
  }

  /** Another node tells, or nobody does. */
  private void follow() {
    if (phase == Phase.STOPPED) {
      return;
    }
    forget();
    phase = Phase.FOLLOWING;
    if (stopping != null) {
      stopped();
    }
    if (!beginnings.made().isDone()) {
      beginnings.make(endpoints);
    }
  }

  private boolean isDrained() {
    return progress.isWritten()
        && topics.couriers().stream().allMatch(courier -> courier.underWay() == 0);
  }

  // ---- reading everything ----

  private void forget() {
    generation++;
    unseen.clear();
    progress.clear();
    shown.forEach(WebhookMeters::remove);
    shown.clear();
    topics.couriers().forEach(courier -> sender.forget(courier.endpoint));
    topics.clear();
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
    loadAtMs = nowMs() + LOAD_AGAIN_MS;
  }

  WebhookMeters meters(String endpoint) {
    WebhookMeters made = new WebhookMeters(meters, endpoint);
    shown.add(made);
    return made;
  }

  /** These are told from now on. */
  void couriers(List<Courier> made) {
    topics.couriers(made);
    TopicFilter wanted = TopicFilter.NONE;
    for (Courier courier : topics.couriers()) {
      wanted = wanted.or(courier.endpoint.wanted());
    }
    outbox.record(wanted);
  }

  /** Everything is known. */
  void loaded() {
    phase = Phase.RUNNING;
    List<Recorded> meanwhile = List.copyOf(unseen.values());
    unseen.clear();
    recorded(meanwhile);
    for (Courier courier : topics.couriers()) {
      courier.lanes().forEach(courier::wake);
    }
    tick();
  }
}

package io.gochat.server.redis;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.bounds.QueueRoom;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.TopicFilter;
import io.gochat.server.metrics.StoreMeters;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends in batches. {@link #publish} is thread-safe and never blocks; everything else happens on one thread per node,
 * which never waits for an answer: publishes and answers come to it through one queue, and it keeps a {@link Lane} per
 * master, so that a dead master delays its own topics only. If that thread dies, everybody who waits is answered, and the
 * process is told to end, because a node that cannot write is none.
 */
final class Committer {
  private static final Logger log = LoggerFactory.getLogger(Committer.class);
  private static final int QUEUE = 16_384;
  private static final int FULL_RETRY_MS = 200;

  private final RedisLink link;
  private final RedisOptions options;
  private final AppendCall append;
  private final Continuity continuity;
  private final Watches watches;
  private final WritePath writes;
  private final StoreMeters meters;
  private final LinkedBlockingQueue<CommitEvent> events = new LinkedBlockingQueue<>();
  private final QueueRoom room;
  private final Runnable died;
  private final Thread thread = new Thread(this::work, "gochat-redis-commit");
  private volatile boolean closed;
  private volatile boolean terminated;

  // Confined to the thread.
  private final Lanes lanes;
  private boolean preparing;

  Committer(
      RedisLink link,
      RedisOptions options,
      Continuity continuity,
      Watches watches,
      WritePath writes,
      InstantSource clock,
      Runnable died,
      MeterRegistry meters) {
    this.link = link;
    this.options = options;
    this.append = new AppendCall(options, link.keys(), link.isSharded(), continuity, clock);
    this.continuity = continuity;
    this.watches = watches;
    this.writes = writes;
    this.died = died;
    this.room = new QueueRoom(QUEUE, options.queuedBytes());
    this.meters = new StoreMeters(meters, room::writes, writes::isFull);
    this.lanes = new Lanes(link);
    thread.setDaemon(true);
    thread.start();
  }

  /** From the next call on, messages of these topics are recorded in the outbox. */
  void record(TopicFilter wanted) {
    append.record(wanted);
  }

  /** Whether publishes are taken at all. */
  boolean isAvailable() {
    return !closed;
  }

  CompletableFuture<PublishResult> publish(Publication publication) {
    int bytes = 256 + publication.text().length() * 2;
    if (closed) {
      return CompletableFuture.completedFuture(Failures.publish(closed()));
    }
    if (!room.enter(bytes)) {
      return CompletableFuture.completedFuture(full());
    }
    Pending pending = new Pending(publication, new CompletableFuture<>(), bytes, System.nanoTime());
    events.add(new CommitEvent.Published(pending));
    if (terminated) {
      failQueued(); // it slipped in behind the last look of the thread
    }
    return pending.answer();
  }

  private PublishResult full() {
    meters.queueFull();
    return new PublishResult.Refused(
        ErrorKind.OVERLOADED, "too many publishes are waiting for the store", FULL_RETRY_MS);
  }

  /** Commits what is queued, then stops. Blocks until then. */
  void close() throws InterruptedException {
    closed = true;
    events.add(new CommitEvent.Closed());
    thread.join(options.commandTimeout().toMillis() * 3);
    thread.interrupt();
    thread.join(options.commandTimeout().toMillis());
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("closed");
  }

  private void failQueued() {
    for (CommitEvent event = events.poll(); event != null; event = events.poll()) {
      if (event instanceof CommitEvent.Published published) {
        fail(List.of(published.pending()), closed());
      } else if (event instanceof CommitEvent.Answered answered) {
        answered.call().batches().forEach(batch -> fail(batch.pending(), closed()));
      }
    }
  }

  private void work() {
    Queue<CommitEvent> taken = new ArrayDeque<>();
    try {
      while (!closed || !events.isEmpty() || !lanes.areIdle()) {
        CommitEvent first = events.poll(waitNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
          taken.add(first);
          events.drainTo(taken);
          while (!taken.isEmpty()) {
            take(taken.element());
            taken.remove();
          }
        }
        sendWhatMayGo();
      }
    } catch (InterruptedException e) {
      log.debug("Stopped while Redis did not answer", e);
    } catch (RuntimeException | Error e) {
      log.error("the committer died; nothing more can be written", e);
      died.run();
    } finally {
      closed = true;
      events.addAll(taken);
      terminated = true;
      failQueued();
      for (Lane lane : lanes.all()) {
        fail(lane.giveUp(), closed());
      }
    }
  }

  private long waitNanos() {
    long most = TimeUnit.SECONDS.toNanos(1);
    return preparing ? most : lanes.waitNanos(System.nanoTime(), most);
  }

  private void take(CommitEvent event) {
    try {
      if (event instanceof CommitEvent.Published published) {
        add(published.pending());
      } else if (event instanceof CommitEvent.Answered answered) {
        answered(answered);
      } else if (event instanceof CommitEvent.Unknown unknown) {
        unknown.lane().hold(unknown.call());
        sendHeld(unknown.lane(), unknown.sentNanos());
      } else if (event instanceof CommitEvent.Prepared prepared) {
        prepared(prepared);
      }
    } catch (RuntimeException e) {
      log.error("A bug of ours: a commit was not brought to its end", e);
    }
  }

  private void add(Pending pending) {
    Lane lane = lanes.of(pending.publication().topic());
    if (link.isCluster() && lane.isFull()) {
      settle(pending, full());
    } else {
      lane.add(pending);
    }
  }

  private void sendWhatMayGo() {
    if (preparing) {
      return;
    }
    for (Lane lane : lanes.all()) {
      long now = System.nanoTime();
      List<AppendCall.Batch> batches = prepareFor(lane) ? lane.next(now) : List.of();
      while (!batches.isEmpty()) {
        send(lane, batches, now);
        batches = prepareFor(lane) ? lane.next(now) : List.of();
      }
      if (preparing) {
        return;
      }
    }
  }

  // Whether the next call may be made: the data were compared,
  // and there are ids for all of it. If not, that is seen to.
  private boolean prepareFor(Lane lane) {
    if (!lane.hasWaiting()) {
      return false;
    }
    boolean newIds = continuity.isVerified();
    if (newIds && continuity.hasMessageIds(Lane.CALL_MESSAGES)) {
      return true;
    }
    preparing = true;
    CompletionStage<Void> step = newIds ? continuity.reserveMessageIds() : continuity.verify();
    step.toCompletableFuture()
        .orTimeout(patienceMs(), TimeUnit.MILLISECONDS)
        .whenComplete((done, failure) -> events.add(new CommitEvent.Prepared(newIds, failure)));
    return false;
  }

  private void prepared(CommitEvent.Prepared prepared) {
    preparing = false;
    if (prepared.failure() != null) {
      log.debug("Redis cannot be reached", prepared.failure());
      failWaiting(prepared.failure());
    } else if (prepared.newIds()) {
      continuity.useReservedIds();
    }
  }

  private void failWaiting(Throwable failure) {
    for (Lane lane : lanes.all()) {
      failWaiting(lane, failure);
    }
  }

  private void failWaiting(Lane lane, Throwable failure) {
    List<Pending> waiting = lane.drain();
    if (!waiting.isEmpty()) {
      writes.failed(failure, waiting.size());
      fail(waiting, failure);
      lanes.forgetWaiting();
    }
  }

  private void send(Lane lane, List<AppendCall.Batch> batches, long now) {
    AppendCall.Call call = null;
    try {
      call = append.prepare(batches);
      send(lane, call, now, false);
    } catch (RuntimeException e) {
      log.error("A batch could not be made", e);
      AppendCall.Call failed =
          call == null ? new AppendCall.Call(batches, new byte[0][], new byte[0][]) : call;
      events.add(new CommitEvent.Answered(lane, failed, now, null, e));
    }
  }

  private void send(Lane lane, AppendCall.Call call, long sentNanos, boolean withSource) {
    append
        .send(link.commits(), call, withSource)
        .orTimeout(patienceMs(), TimeUnit.MILLISECONDS)
        .whenComplete((results, failure) -> {
          if (failure != null && Script.isUnknown(failure) && !withSource) {
            events.add(new CommitEvent.Unknown(lane, call, sentNanos));
          } else if (failure != null || options.waitForReplicas() == 0) {
            events.add(new CommitEvent.Answered(lane, call, sentNanos, results, failure));
          } else {
            waitForReplicas(lane, call, sentNanos, results);
          }
        });
  }

  private void sendHeld(Lane lane, long sentNanos) {
    for (AppendCall.Call call : lane.nextHeld()) {
      if (!continuity.isVerified()) {
        abandon(lane, call, new IllegalStateException("Redis was lost before it had the script"));
        continue;
      }
      try {
        send(lane, call, sentNanos, true);
      } catch (RuntimeException e) {
        log.error("A batch could not be sent", e);
        events.add(new CommitEvent.Answered(lane, call, sentNanos, null, e));
      }
    }
  }

  private void waitForReplicas(
      Lane lane, AppendCall.Call call, long sentNanos, List<Object> results) {
    int wanted = options.waitForReplicas();
    List<byte[]> keys = new ArrayList<>();
    for (AppendCall.Batch batch : call.batches()) {
      keys.add(link.keys().state(batch.topic()));
    }
    link.waitForReplicas(keys, wanted, options.waitTimeout())
        .toCompletableFuture()
        .orTimeout(patienceMs(), TimeUnit.MILLISECONDS)
        .whenComplete((have, failure) -> {
          Throwable problem = failure == null && have < wanted
              ? new IllegalStateException("only " + have + " of " + wanted + " replicas have it")
              : failure;
          events.add(new CommitEvent.Answered(lane, call, sentNanos, results, problem));
        });
  }

  // The client's own timeout comes first; this one is for the case that it does not.
  private long patienceMs() {
    return options.commandTimeout().toMillis() + options.waitTimeout().toMillis() + 500;
  }

  private void answered(CommitEvent.Answered answered) {
    Lane lane = answered.lane();
    AppendCall.Call call = answered.call();
    for (AppendCall.Call late : lane.overtakenBy(call)) {
      abandon(lane, late, new IllegalStateException("a later call did not need the script"));
    }
    List<Object> results = answered.results();
    if (answered.failure() != null || results == null) {
      Throwable failure = answered.failure();
      Throwable cause = failure == null ? new IllegalStateException("no answer") : failure;
      abandon(lane, call, cause);
      if (WritePath.Refusal.of(cause).isEmpty()) {
        // This master does not answer: nobody waits for it to say so once more.
        failWaiting(lane, cause);
      }
    } else {
      writes.taken();
      lane.settled(call);
      lane.answeredAfter(System.nanoTime() - answered.sentNanos());
      int at = 1; // behind the time
      for (AppendCall.Batch batch : call.batches()) {
        answer(batch, results.subList(at, at + batch.pending().size()));
        at += batch.pending().size();
      }
      meters.committed(System.nanoTime() - answered.sentNanos(), call.messages());
      lanes.forget(lane, call);
    }
    sendHeld(lane, answered.sentNanos());
  }

  private void abandon(Lane lane, AppendCall.Call call, Throwable cause) {
    log.debug("An append failed", cause);
    lane.settled(call);
    meters.failed();
    writes.failed(cause, call.messages());
    call.batches().forEach(batch -> fail(batch.pending(), cause));
    lanes.forget(lane, call);
  }

  private void answer(AppendCall.Batch batch, List<Object> results) {
    long epoch = continuity.epoch();
    long lastSeq = 0;
    for (int i = 0; i < batch.pending().size(); i++) {
      PublishResult result = AppendCall.result((byte[]) results.get(i));
      if (result instanceof PublishResult.Accepted accepted && !accepted.duplicate()) {
        lastSeq = accepted.seq();
        continuity.saw(batch.topic(), epoch, accepted.seq(), accepted.messageId());
      }
      Pending pending = batch.pending().get(i);
      settle(pending, result);
      meters.durable(System.nanoTime() - pending.queuedNanos());
    }
    if (lastSeq > 0) {
      watches.published(batch.topic(), lastSeq, batch.pending().get(0).queuedNanos());
    }
  }

  private void fail(List<Pending> pending, Throwable failure) {
    PublishResult result = Failures.publish(failure);
    for (Pending one : pending) {
      settle(one, result);
    }
  }

  private void settle(Pending pending, PublishResult result) {
    room.leave(pending.bytes());
    pending.answer().complete(result);
  }
}

package io.gochat.server.registry;

import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.messaging.TopicState;
import io.gochat.server.net.Faults;
import io.gochat.server.net.LoopWork;
import io.gochat.server.net.RemoteAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The fan-out on one event loop: its topics, the sweep, and the reads of the log. Confined to that event loop, except
 * {@link #handOver} and the counters.
 */
final class FanOutLoop implements LoopWork, HandOver.Taker {
  /** Sends per sweep: some 600 µs of work between two I/O polls. */
  static final int SWEEP_BUDGET = 128;

  /** How often replays under way are looked at. */
  static final long TICK_MS = 500;

  /** Sends per feed before the next one has its turn. */
  private static final int FEED_BUDGET = 64;

  private static final int FILL_MESSAGES = 2_000;
  private static final int FILL_BYTES = 256 * 1024;
  private static final long RETRY_MS = 500;

  private static final Faults FAULTS = new Faults(LoggerFactory.getLogger(FanOutLoop.class));

  final EventLoop eventLoop;
  final HandOver handOver;
  final LoopCounters counters = new LoopCounters();
  private final int number;
  private final TopicSource source;
  private final ReplayBudget replays;
  private final ByteBufAllocator allocator;

  private final Map<Topic, LocalTopic> topics = new HashMap<>();
  private final Queue<Feed> owing = new ArrayDeque<>();
  private final Queue<LoopSubscriber> drained = new ArrayDeque<>();
  private final List<Replay> watched = new ArrayList<>();
  private final HeldChunks chunks;
  private final RecordRoom records = new RecordRoom();
  private boolean ticking;

  @SuppressWarnings("UnusedVariable") // written, so that the pre-touch is not optimised away
  private long touched;

  /** The loop that is {@code number} among the {@link Interests}. */
  FanOutLoop(
      EventLoop eventLoop,
      int number,
      TopicSource source,
      FanOutOptions options,
      ReplayBudget replays,
      ByteBufAllocator allocator) {
    this.eventLoop = eventLoop;
    this.number = number;
    this.source = source;
    this.replays = replays;
    this.allocator = allocator;
    this.handOver = new HandOver(this, eventLoop, options.handOverBytes());
    this.chunks = new HeldChunks(options.memoryBytesPerLoop(), counters);
  }

  void assertInLoop() {
    assert eventLoop.inEventLoop() : "not on its event loop";
  }

  ByteBufAllocator allocator() {
    return allocator;
  }

  HeldChunks chunks() {
    return chunks;
  }

  RecordRoom records() {
    return records;
  }

  /** Something failed, and everything else goes on. */
  void survived(String what, Throwable fault) {
    counters.failures++;
    FAULTS.survived(what, fault);
  }

  // ---- handed over ----

  /** A batch; if it cannot be taken, its messages are read from the log. */
  @Override
  public void committed(TopicBatch batch) {
    LocalTopic local = topics.get(batch.topic());
    if (local == null) {
      return;
    }
    try {
      local.committed(batch);
    } catch (RuntimeException | Error e) {
      survived("taking a batch", e);
      Topic topic = batch.topic();
      long lastSeq = batch.lastSeq();
      later(() -> advanced(topic, lastSeq));
    }
  }

  @Override
  public void advanced(Topic topic, long lastSeq) {
    LocalTopic local = topics.get(topic);
    if (local != null) {
      try {
        local.advanced(lastSeq);
      } catch (RuntimeException | Error e) {
        survived("reading the log for a topic", e);
        later(() -> advanced(topic, lastSeq));
      }
    }
  }

  void epochChanged() {
    for (LocalTopic local : List.copyOf(topics.values())) {
      local.reopen();
    }
  }

  @Nullable
  LocalTopic existing(Topic topic) {
    return topics.get(topic);
  }

  // ---- topics ----

  /** The topic here, opened if it is new. */
  LocalTopic topic(Topic topic) {
    LocalTopic local = topics.get(topic);
    if (local == null) {
      local = new LocalTopic(topic, this);
      topics.put(topic, local);
      open(local);
    }
    return local;
  }

  /** Sets the loop's interest, then reads the tail: see {@link LocalTopic} on why in this order. */
  void open(LocalTopic local) {
    int attempt = local.nextOpening();
    onLoop(bounds(local), (tail, failure) -> {
      if (topics.get(local.topic) != local || !local.isOpening(attempt)) {
        return;
      }
      if (tail == null) {
        later(() -> {
          if (topics.get(local.topic) == local && local.isOpening(attempt)) {
            open(local);
          }
        });
      } else {
        local.opened(tail.state.epoch(), tail.state.lastSeq(), tail.kept);
      }
    });
  }

  private CompletableFuture<Opened> bounds(LocalTopic local) {
    long earlierEpoch = local.epoch();
    try {
      return source
          .interests()
          .add(local.topic, number)
          .thenCompose(watched -> source.log().state(local.topic, 0))
          .thenCompose(tail -> opened(local.topic, earlierEpoch, tail));
    } catch (RuntimeException | Error e) {
      survived("opening a topic", e);
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Where a topic ends, and how much of it is what it was in the epoch in which it was open before. */
  private record Opened(TopicState state, long kept) {}

  private CompletableFuture<Opened> opened(Topic topic, long earlierEpoch, TopicState state) {
    return earlierEpoch == 0 || earlierEpoch == state.epoch()
        ? CompletableFuture.completedFuture(new Opened(state, 0))
        : source.log().keptUntil(topic, earlierEpoch).thenApply(kept -> new Opened(state, kept));
  }

  /** Its last member has left. */
  void close(LocalTopic local) {
    if (topics.remove(local.topic, local)) {
      source.interests().remove(local.topic, number);
    }
  }

  /** Reads on from the topic's end, for all its members at once. */
  void fill(LocalTopic local) {
    int opening = local.opening();
    read(local.topic, local.end() + 1, FILL_MESSAGES, FILL_BYTES, (slice, failure) -> {
      if (topics.get(local.topic) != local || local.opening() != opening) {
        return;
      }
      if (slice == null) {
        fillLater(local, opening);
        return;
      }
      try {
        local.filled(slice.messages(), slice.epoch(), slice.firstSeq(), slice.lastSeq());
      } catch (RuntimeException | Error e) {
        survived("taking what was read from the log", e);
        fillLater(local, opening);
      }
    });
  }

  private void fillLater(LocalTopic local, int opening) {
    later(() -> {
      if (topics.get(local.topic) == local && local.opening() == opening) {
        local.fillFailed();
      }
    });
  }

  /** Reads the log; {@code then} is called on this loop, with one of its arguments. */
  void read(Topic topic, long fromSeq, int maxMessages, int maxBytes, Outcome<LogSlice> then) {
    counters.logReads++;
    CompletableFuture<LogSlice> slice;
    try {
      slice = source.log().read(topic, fromSeq, maxMessages, maxBytes);
    } catch (RuntimeException | Error e) {
      slice = CompletableFuture.failedFuture(e);
    }
    onLoop(slice, then);
  }

  // ---- what has no sequence, for one member ----

  void tellGap(Membership member, long fromSeq, long toSeq, long epoch) {
    tell(
        member, frame -> member.feed.format.writeGap(member.topic(), fromSeq, toSeq, epoch, frame));
  }

  void tellCount(Membership member) {
    long roomId = member.topic().id();
    int count = source.roomCount().applyAsInt(roomId);
    tell(
        member,
        frame -> member.feed.format.writePresence(roomId, count, List.of(), List.of(), frame));
  }

  private void tell(Membership member, Consumer<ByteBuf> writing) {
    ByteBuf frame = allocator.directBuffer(64);
    try {
      writing.accept(frame);
    } catch (RuntimeException | Error e) {
      frame.release();
      throw e;
    }
    member.outlet.write(frame);
  }

  // ---- the sweep ----

  void queueForSweep(Feed feed) {
    owing.add(feed);
  }

  @Override
  public boolean pending() {
    return !owing.isEmpty() || !drained.isEmpty();
  }

  @Override
  public void run() {
    int budget = SWEEP_BUDGET;
    for (int waiting = drained.size(); waiting > 0 && budget > 0; waiting--) {
      budget -= drained(drained.remove());
    }
    while (budget > 0) {
      Feed feed = owing.poll();
      if (feed == null) {
        break;
      }
      budget -= sweep(feed, Math.min(budget, FEED_BUDGET));
      if (feed.owes()) {
        owing.add(feed);
      } else {
        feed.queuedForSweep = false;
      }
    }
    counters.publish();
  }

  private int drained(LoopSubscriber subscriber) {
    try {
      return subscriber.isClosed() ? 0 : subscriber.drained();
    } catch (RuntimeException | Error e) {
      subscriber.failed(e);
      return 1;
    }
  }

  private int sweep(Feed feed, int budget) {
    try {
      return feed.sweep(budget);
    } catch (RuntimeException | Error e) {
      // What concerns one member is caught where it is served: this is a bug.
      survived("a sweep", e);
      feed.dropOutAll();
      return budget;
    }
  }

  void touched(long sum) {
    touched = sum;
  }

  /** Calls {@link LoopSubscriber#drained} with a sweep, once all that is queued has left. */
  void awaitDrain(LoopSubscriber subscriber) {
    // The callback runs inside the channel's own flush, whose books are not closed yet: the turn
    // comes with the next sweep.
    subscriber.outlet.whenDrained(() -> drained.add(subscriber));
  }

  // ---- replays ----

  Loan openLoan(LoopSubscriber subscriber) {
    return replays.open(
        RemoteAddress.of(subscriber.connection.channel()).getAddress(),
        subscriber.connection.userId(),
        eventLoop,
        () -> {
          counters.evictions++;
          subscriber.outlet.close();
        });
  }

  /** The replay is looked at now and then, until it is over. */
  void watch(Replay replay) {
    watched.add(replay);
    if (!ticking) {
      ticking = true;
      eventLoop.schedule(this::tick, TICK_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void tick() {
    ticking = false;
    List<Replay> all = List.copyOf(watched);
    watched.clear();
    for (Replay replay : all) {
      try {
        replay.tick();
      } catch (RuntimeException | Error e) {
        survived("taking a page back", e);
      }
      if (!replay.isOver()) {
        watch(replay);
      }
    }
  }

  // ---- hops ----

  /** What came of a future: a value, or a failure. */
  interface Outcome<T> {
    void accept(@Nullable T value, @Nullable Throwable failure);
  }

  private <T> void onLoop(CompletableFuture<T> future, Outcome<T> then) {
    future.whenComplete((value, failure) -> {
      if (!eventLoop.isShuttingDown()) {
        eventLoop.execute(() -> then.accept(value, failure));
      }
    });
  }

  void later(Runnable task) {
    eventLoop.schedule(task, RETRY_MS, TimeUnit.MILLISECONDS);
  }

  /** For tests: all topics that have members here. */
  Iterable<LocalTopic> topics() {
    return topics.values();
  }
}

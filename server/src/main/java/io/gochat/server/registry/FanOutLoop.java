package io.gochat.server.registry;

import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.messaging.TopicState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The fan-out on one event loop: its feeds, the hand-over from the committer, the sweep, and the reads of the log for
 * members that are behind. Confined to that event loop, except {@link #handOver}, {@link #handOverEvent} and the
 * counters.
 */
final class FanOutLoop implements LoopSweep {
  /** Sends per sweep: some 600 µs of work between two I/O polls. */
  static final int SWEEP_BUDGET = 128;

  /** Sends per feed before the next one has its turn. */
  private static final int FEED_BUDGET = 64;

  private static final int READ_MESSAGES = 2_000;
  private static final long RETRY_MS = 500;

  /** Something for a loop to do, in order with the batches. */
  interface LoopEvent {
    void apply(FanOutLoop loop);
  }

  final EventLoop eventLoop;
  private final SweepingFanOut fanOut;
  private final MessageLog log;
  private final FanOutOptions options;
  private final ReplayBudget replays;
  private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;

  private final Map<Topic, LocalTopic> topics = new HashMap<>();
  private final Queue<Feed> owing = new ArrayDeque<>();
  private final Queue<LoopSubscriber> drained = new ArrayDeque<>();
  private final Set<Feed> holding = new LinkedHashSet<>();

  @SuppressWarnings(
      "UnusedVariable") // written, so that the reads of the pre-touch are not optimised away
  private long touched;

  // The hand-over: any thread adds, one task at a time takes.
  private final Queue<LoopEvent> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicLong inboxBytes = new AtomicLong();
  private final AtomicBoolean inboxScheduled = new AtomicBoolean();

  final LoopCounters counters = new LoopCounters();

  FanOutLoop(
      EventLoop eventLoop,
      SweepingFanOut fanOut,
      MessageLog log,
      FanOutOptions options,
      ReplayBudget replays) {
    this.eventLoop = eventLoop;
    this.fanOut = fanOut;
    this.log = log;
    this.options = options;
    this.replays = replays;
  }

  void assertInLoop() {
    assert eventLoop.inEventLoop() : "not on its event loop";
  }

  ByteBufAllocator allocator() {
    return allocator;
  }

  // ---- hand-over ----

  /** Hands committed batches over as one task; when too much waits, only how far their topics go. Any thread. */
  void handOver(List<TopicBatch> batches, long bytes) {
    if (inboxBytes.addAndGet(bytes) > options.handOverBytes()) {
      inboxBytes.addAndGet(-bytes);
      handOverEvent(loop -> {
        for (TopicBatch batch : batches) {
          loop.advanced(batch.topic(), batch.lastSeq());
        }
      });
      return;
    }
    handOverEvent(loop -> {
      loop.inboxBytes.addAndGet(-bytes);
      for (TopicBatch batch : batches) {
        LocalTopic local = loop.topics.get(batch.topic());
        if (local != null) {
          local.committed(batch);
        }
      }
    });
  }

  /** Bytes handed over and not yet taken. Any thread. */
  long handedOverBytes() {
    return inboxBytes.get();
  }

  /** Any thread. */
  void handOverEvent(LoopEvent event) {
    inbox.add(event);
    if (inboxScheduled.compareAndSet(false, true)) {
      eventLoop.execute(this::takeInbox);
    }
  }

  private void takeInbox() {
    inboxScheduled.set(false);
    LoopEvent event = inbox.poll();
    while (event != null) {
      event.apply(this);
      event = inbox.poll();
    }
  }

  void advanced(Topic topic, long lastSeq) {
    LocalTopic local = topics.get(topic);
    if (local != null) {
      local.advanced(lastSeq);
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
    long earlierEpoch = local.epoch();
    CompletableFuture<Opened> opened = fanOut
        .interested(local.topic, this)
        .thenCompose(watched -> log.state(local.topic, 0))
        .thenCompose(tail -> opened(local.topic, earlierEpoch, tail));
    onLoop(opened, (tail, failure) -> {
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

  /** Where a topic ends, and how much of it is what it was in the epoch in which it was open before. */
  private record Opened(TopicState state, long kept) {}

  private CompletableFuture<Opened> opened(Topic topic, long earlierEpoch, TopicState state) {
    return earlierEpoch == 0 || earlierEpoch == state.epoch()
        ? CompletableFuture.completedFuture(new Opened(state, 0))
        : log.keptUntil(topic, earlierEpoch).thenApply(kept -> new Opened(state, kept));
  }

  /** Its last member has left. */
  void close(LocalTopic local) {
    if (topics.remove(local.topic, local)) {
      fanOut.uninterested(local.topic, this);
    }
  }

  /** Reads on from the topic's end, for all its members at once. */
  void fill(LocalTopic local) {
    counters.logReads++;
    long from = local.end() + 1;
    int opening = local.opening();
    onLoop(
        log.read(local.topic, from, READ_MESSAGES, ReplayBudget.READ_BYTES), (slice, failure) -> {
          if (topics.get(local.topic) != local || local.opening() != opening) {
            return;
          }
          if (slice == null) {
            later(() -> {
              if (topics.get(local.topic) == local && local.opening() == opening) {
                local.fillFailed();
              }
            });
          } else {
            local.filled(slice.messages(), slice.epoch(), slice.firstSeq(), slice.lastSeq());
          }
        });
  }

  // ---- replay of one member ----

  /** Reads the log for a member that is behind; one at a time per connection, bounded for all together. */
  void replay(Membership member) {
    counters.logReads++;
    replays.acquire(eventLoop, () -> {
      if (member.isDetached()) {
        replays.release();
        member.subscriber.readDone(member);
        return;
      }
      onLoop(
          log.read(member.topic(), member.nextSeq, READ_MESSAGES, ReplayBudget.READ_BYTES),
          (slice, failure) -> {
            try {
              if (slice != null) {
                write(member, slice);
              }
            } finally {
              replays.release();
            }
            if (slice == null && !member.isDetached()) {
              later(() -> member.subscriber.readDone(member));
            } else {
              member.subscriber.readDone(member);
            }
          });
    });
  }

  // What a member missed goes out in one write; the outlet queues what the socket does not take.
  private void write(Membership member, LogSlice slice) {
    if (member.isDetached() || member.subscriber.isClosed() || slice.epoch() != member.epoch) {
      return; // a foreign epoch: the feed is told of it too and starts its members anew
    }
    if (slice.firstSeq() > member.nextSeq) {
      tellGap(member, member.nextSeq, slice.firstSeq() - 1, slice.epoch());
      member.nextSeq = slice.firstSeq();
    }
    List<LoggedMessage> messages = slice.messages();
    if (messages.isEmpty() || messages.get(0).seq() != member.nextSeq) {
      return;
    }
    WireFormat format = member.subscriber.wireFormat();
    int bytes = 0;
    for (LoggedMessage message : messages) {
      bytes += format.messageSize(message);
    }
    ByteBuf frames = allocator.directBuffer(bytes);
    for (LoggedMessage message : messages) {
      format.writeMessage(message, frames);
    }
    sent(messages.size(), bytes);
    member.nextSeq = messages.get(messages.size() - 1).seq() + 1;
    member.outlet.write(frames);
  }

  void tellGap(Membership member, long fromSeq, long toSeq, long epoch) {
    ByteBuf frame = allocator.directBuffer(64);
    member.subscriber.wireFormat().writeGap(member.topic(), fromSeq, toSeq, epoch, frame);
    member.outlet.write(frame);
  }

  void tellCount(Membership member) {
    long roomId = member.topic().id();
    ByteBuf frame = allocator.directBuffer(64);
    member
        .subscriber
        .wireFormat()
        .writePresence(roomId, fanOut.count(roomId), List.of(), List.of(), frame);
    member.outlet.write(frame);
  }

  // ---- the sweep ----

  void queueForSweep(Feed feed) {
    owing.add(feed);
  }

  @Override
  public boolean isSweepPending() {
    return !owing.isEmpty() || !drained.isEmpty();
  }

  @Override
  public void sweep() {
    int budget = SWEEP_BUDGET;
    for (int waiting = drained.size(); waiting > 0 && budget > 0; waiting--) {
      LoopSubscriber subscriber = drained.remove();
      if (!subscriber.isClosed()) {
        budget -= subscriber.drained();
      }
    }
    while (budget > 0) {
      Feed feed = owing.peek();
      if (feed == null) {
        break;
      }
      budget -= feed.sweep(Math.min(budget, FEED_BUDGET));
      owing.remove();
      if (feed.owes()) {
        owing.add(feed);
      } else {
        feed.queuedForSweep = false;
      }
    }
    counters.publish();
  }

  void touched(long sum) {
    touched = sum;
  }

  void sent(int frames, int bytes) {
    counters.deliveries += frames;
    counters.sentBytes += bytes;
    counters.sends++;
  }

  void countDropOut() {
    counters.dropOuts++;
  }

  // ---- draining ----

  void awaitDrain(LoopSubscriber subscriber) {
    // The callback runs inside the channel's own flush, whose books are not closed yet: the turn
    // comes with the next sweep.
    subscriber.outlet.whenDrained(() -> drained.add(subscriber));
  }

  // ---- memory ----

  void held(int bytes) {
    counters.heldBytes += bytes;
  }

  /** The feed keeps chunks beyond a sweep, for stragglers; or no longer. */
  void holdsOn(Feed feed, boolean holds) {
    if (holds) {
      holding.add(feed);
    } else {
      holding.remove(feed);
    }
  }

  /** Over the bound the oldest chunks go, first of those who have held on for longest. */
  void boundMemory() {
    if (counters.heldBytes <= options.memoryBytesPerLoop()) {
      return;
    }
    Set<Feed> victims = new LinkedHashSet<>(holding);
    victims.addAll(owing);
    for (Feed victim : victims) {
      while (counters.heldBytes > options.memoryBytesPerLoop() && victim.dropOldest()) {
        // until it is enough, or the next one's turn
      }
    }
  }

  // ---- hops ----

  private interface Outcome<T> {
    void accept(@Nullable T value, @Nullable Throwable failure);
  }

  private <T> void onLoop(CompletableFuture<T> future, Outcome<T> then) {
    future.whenComplete((value, failure) -> {
      if (!eventLoop.isShuttingDown()) {
        eventLoop.execute(() -> then.accept(value, failure));
      }
    });
  }

  private void later(Runnable task) {
    eventLoop.schedule(task, RETRY_MS, TimeUnit.MILLISECONDS);
  }

  Iterable<LocalTopic> topicsForTest() {
    return topics.values();
  }
}

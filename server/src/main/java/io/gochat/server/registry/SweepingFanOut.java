package io.gochat.server.registry;

import io.gochat.protocol.Member;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.net.LoopInbox;
import io.gochat.server.net.LoopWork;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Takes committed batches from the log to every event loop that has members of their topics. Thread-safe; the work is
 * done by one {@link FanOutLoop} per event loop, see {@link LocalTopic} and {@link Feed} for how.
 */
public final class SweepingFanOut implements FanOut, CommitListener, RoomPresenceListener {
  private static final int MAX_LOOPS = Long.SIZE;

  private final MessageLog log;
  private final List<FanOutLoop> loops = new ArrayList<>();
  private final ConcurrentHashMap<Topic, Interest> interests = new ConcurrentHashMap<>();
  private volatile @Nullable RoomPresence presence;

  /** One fan-out loop per event loop, at most 64 of them; what is lent to connections counts in {@code budgets}. */
  public SweepingFanOut(
      MessageLog log,
      Iterable<EventLoop> eventLoops,
      FanOutOptions options,
      Budgets budgets,
      MeterRegistry meters) {
    this(log, eventLoops, options, budgets, meters, PooledByteBufAllocator.DEFAULT);
  }

  /** As above, with chunks and pages from {@code allocator}. */
  public SweepingFanOut(
      MessageLog log,
      Iterable<EventLoop> eventLoops,
      FanOutOptions options,
      Budgets budgets,
      MeterRegistry meters,
      ByteBufAllocator allocator) {
    this.log = log;
    ReplayBudget replays = new ReplayBudget(budgets);
    for (EventLoop eventLoop : eventLoops) {
      loops.add(new FanOutLoop(eventLoop, this, log, options, replays, allocator));
    }
    if (loops.size() > MAX_LOOPS) {
      throw new IllegalArgumentException("more than " + MAX_LOOPS + " event loops");
    }
    FanOutMeters.bind(meters, this);
  }

  /** So many rooms and inboxes have members here. */
  int topics() {
    return interests.size();
  }

  /** A figure, summed over all loops. Any thread. */
  long sum(ToLongFunction<LoopCounters.Published> figure) {
    long sum = 0;
    for (FanOutLoop loop : loops) {
      sum += figure.applyAsLong(loop.counters.read());
    }
    return sum;
  }

  /** Where the members of a room are counted; set once, before connections come. */
  public void presence(RoomPresence presence) {
    this.presence = presence;
  }

  /** The sending of one event loop, to be called between its I/O polls. */
  public LoopWork sweepOf(EventLoop eventLoop) {
    return loopOf(eventLoop);
  }

  FanOutLoop loopOf(EventLoop eventLoop) {
    for (FanOutLoop loop : loops) {
      if (loop.eventLoop == eventLoop) {
        return loop;
      }
    }
    throw new IllegalArgumentException("not one of this fan-out's event loops");
  }

  @Override
  public Subscriber open(Connection connection) {
    return new LoopSubscriber(connection, loopOf(connection.channel().eventLoop()));
  }

  // ---- from the log ----

  @Override
  public void committed(List<TopicBatch> batches) {
    List<List<TopicBatch>> perLoop = new ArrayList<>(loops.size());
    for (int i = 0; i < loops.size(); i++) {
      perLoop.add(List.of());
    }
    for (TopicBatch batch : batches) {
      // The log shows the new tail already: a loop that sets its interest after this look reads it
      // there.
      Interest interest = interests.get(batch.topic());
      long mask = interest == null ? 0 : interest.loops;
      while (mask != 0) {
        int index = Long.numberOfTrailingZeros(mask);
        mask &= mask - 1;
        if (perLoop.get(index).isEmpty()) {
          perLoop.set(index, new ArrayList<>(batches.size()));
        }
        perLoop.get(index).add(batch);
      }
    }
    for (int i = 0; i < perLoop.size(); i++) {
      List<TopicBatch> handedOver = perLoop.get(i);
      if (!handedOver.isEmpty()) {
        loops.get(i).handOver.batches(handedOver, bytesOf(handedOver));
      }
    }
  }

  @Override
  public void together(Runnable telling) {
    LoopInbox.together(telling);
  }

  private static long bytesOf(List<TopicBatch> batches) {
    long bytes = 0;
    for (TopicBatch batch : batches) {
      for (LoggedMessage message : batch.messages()) {
        bytes += message.bytes().length;
      }
    }
    return bytes;
  }

  @Override
  public void advanced(Topic topic, long lastSeq) {
    eachInterested(topic, loop -> loop.handOver.advanced(topic, lastSeq));
  }

  @Override
  public void epochChanged(long epoch) {
    for (FanOutLoop loop : loops) {
      loop.handOver.task(loop::epochChanged);
    }
  }

  @Override
  public void presenceChanged(long roomId, int count, List<Member> joined, List<Member> left) {
    Topic topic = Topic.room(roomId);
    eachInterested(
        topic,
        loop -> loop.handOver.task(() -> {
          LocalTopic local = loop.existing(topic);
          if (local != null) {
            local.appendPresence(count, joined, left);
          }
        }));
  }

  private void eachInterested(Topic topic, Consumer<FanOutLoop> action) {
    Interest interest = interests.get(topic);
    long mask = interest == null ? 0 : interest.loops;
    while (mask != 0) {
      action.accept(loops.get(Long.numberOfTrailingZeros(mask)));
      mask &= mask - 1;
    }
  }

  // ---- from the loops ----

  /** This loop has members of the topic now; completes when every later commit will be handed over. */
  CompletableFuture<Void> interested(Topic topic, FanOutLoop loop) {
    long bit = 1L << loops.indexOf(loop);
    // Watching and unwatching happen inside the map's own atomic step, so that their order is that
    // of the interest.
    // Both only queue something.
    Interest interest = interests.compute(topic, (key, known) -> {
      if (known == null || known.watched.isCompletedExceptionally()) {
        return new Interest((known == null ? 0 : known.loops) | bit, log.watch(topic));
      }
      return new Interest(known.loops | bit, known.watched);
    });
    return interest == null ? CompletableFuture.completedFuture(null) : interest.watched;
  }

  /** This loop has no members of the topic any more. */
  void uninterested(Topic topic, FanOutLoop loop) {
    long bit = 1L << loops.indexOf(loop);
    interests.computeIfPresent(topic, (key, known) -> {
      long rest = known.loops & ~bit;
      if (rest == 0) {
        log.unwatch(topic);
        return null;
      }
      return new Interest(rest, known.watched);
    });
  }

  int count(long roomId) {
    RoomPresence rooms = presence;
    return rooms == null ? 0 : rooms.room(roomId, 0).count();
  }

  private record Interest(long loops, CompletableFuture<Void> watched) {}
}

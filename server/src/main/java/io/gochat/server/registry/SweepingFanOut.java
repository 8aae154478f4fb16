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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes committed batches from the log to every event loop that has members of their topics. Thread-safe; the work is
 * done by one {@link FanOutLoop} per event loop, see {@link LocalTopic} and {@link Feed} for how.
 */
public final class SweepingFanOut implements FanOut, CommitListener, RoomPresenceListener {
  private final List<FanOutLoop> loops = new ArrayList<>();
  private final Interests interests;
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
    this.interests = new Interests(log);
    TopicSource topics = new TopicSource(log, interests, this::count);
    ReplayBudget replays = new ReplayBudget(budgets);
    for (EventLoop eventLoop : eventLoops) {
      loops.add(new FanOutLoop(eventLoop, loops.size(), topics, options, replays, allocator));
    }
    if (loops.size() > Interests.MAX_LOOPS) {
      throw new IllegalArgumentException("more than " + Interests.MAX_LOOPS + " event loops");
    }
    FanOutMeters.bind(meters, loops.stream().map(loop -> loop.counters).toList(), interests::size);
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

  @Override
  public void committed(List<TopicBatch> batches) {
    List<List<TopicBatch>> perLoop = new ArrayList<>(loops.size());
    for (int i = 0; i < loops.size(); i++) {
      perLoop.add(List.of());
    }
    for (TopicBatch batch : batches) {
      // The log shows the new tail already: a loop that
      // sets its interest after this look reads it there.
      long mask = interests.loops(batch.topic());
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
    long mask = interests.loops(topic);
    while (mask != 0) {
      action.accept(loops.get(Long.numberOfTrailingZeros(mask)));
      mask &= mask - 1;
    }
  }

  private int count(long roomId) {
    RoomPresence rooms = presence;
    return rooms == null ? 0 : rooms.room(roomId, 0).count();
  }
}

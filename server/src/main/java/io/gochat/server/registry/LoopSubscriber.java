package io.gochat.server.registry;

import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.FanOut.Subscriber;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One connection's topics and its one read of the log at a time. Confined to the connection's event loop. Small while it
 * is idle: most connections are.
 */
final class LoopSubscriber implements Subscriber {
  private static final int FEW = 8;

  final Connection connection;
  final Outlet outlet;
  private final FanOutLoop loop;

  // A handful of memberships are searched one by one; beyond that a map finds them.
  private final ArrayList<Membership> few = new ArrayList<>(1);
  private @Nullable Map<Topic, Membership> many;
  private int rooms;
  private boolean closed;

  private @Nullable ArrayDeque<Membership> toRead;
  private @Nullable CompletableFuture<Void> awaitedTurn;
  private boolean reading;

  private @Nullable ArrayDeque<Membership> stalledMemberships;
  private boolean awaitingDrain;

  LoopSubscriber(Connection connection, FanOutLoop loop) {
    this.connection = connection;
    this.loop = loop;
    this.outlet = Outlet.of(connection.channel());
  }

  WireFormat wireFormat() {
    return connection.wireFormat();
  }

  @Override
  public void attach(Topic topic, long epoch, long nextSeq) {
    loop.assertInLoop();
    if (closed) {
      return;
    }
    detach(topic);
    LocalTopic local = loop.topic(topic);
    Membership member = new Membership(local.feed(wireFormat()), this, epoch, nextSeq);
    remember(topic, member);
    rooms += topic.isInbox() ? 0 : 1;
    local.add(member);
  }

  @Override
  public void detach(Topic topic) {
    loop.assertInLoop();
    Membership member = forget(topic);
    if (member != null) {
      rooms -= topic.isInbox() ? 0 : 1;
      leave(member);
    }
  }

  @Override
  public boolean isAttached(Topic topic) {
    return find(topic) != null;
  }

  @Override
  public int rooms() {
    return rooms;
  }

  @Override
  public CompletableFuture<Void> readTurn() {
    loop.assertInLoop();
    CompletableFuture<Void> turn = new CompletableFuture<>();
    if (closed) {
      turn.complete(null);
    } else {
      awaitedTurn = turn;
      readNext();
    }
    return turn;
  }

  @Override
  public void readOver() {
    loop.assertInLoop();
    if (closed) {
      return;
    }
    reading = false;
    loop.eventLoop.execute(this::readNext); // behind the answer, which is written by what runs now
  }

  @Override
  public void close() {
    loop.assertInLoop();
    if (closed) {
      return;
    }
    closed = true;
    Map<Topic, Membership> map = many;
    for (Membership member : map == null ? few : map.values()) {
      leave(member);
    }
    few.clear();
    many = null;
    rooms = 0;
    toRead = null;
    stalledMemberships = null;
    CompletableFuture<Void> turn = awaitedTurn;
    if (turn != null) {
      awaitedTurn = null;
      turn.complete(null);
    }
  }

  boolean isClosed() {
    return closed;
  }

  private void leave(Membership member) {
    LocalTopic local = member.feed.local;
    local.remove(member);
    if (local.isEmpty()) {
      loop.close(local);
    }
  }

  private @Nullable Membership find(Topic topic) {
    Map<Topic, Membership> map = many;
    if (map != null) {
      return map.get(topic);
    }
    for (Membership member : few) {
      if (member.topic().equals(topic)) {
        return member;
      }
    }
    return null;
  }

  private void remember(Topic topic, Membership member) {
    Map<Topic, Membership> map = many;
    if (map == null && few.size() == FEW) {
      map = new HashMap<>(4 * FEW);
      for (Membership known : few) {
        map.put(known.topic(), known);
      }
      few.clear();
      few.trimToSize();
      many = map;
    }
    if (map == null) {
      few.add(member);
    } else {
      map.put(topic, member);
    }
  }

  private @Nullable Membership forget(Topic topic) {
    Map<Topic, Membership> map = many;
    if (map != null) {
      return map.remove(topic);
    }
    Membership member = find(topic);
    if (member != null) {
      few.remove(member);
    }
    return member;
  }

  // ---- reading the log ----

  /** The member has no position in the stream: it reads the log, one read per connection at a time. */
  void read(Membership member) {
    ArrayDeque<Membership> queue = toRead;
    if (queue == null) {
      queue = new ArrayDeque<>(2);
      toRead = queue;
    }
    member.reading = true;
    queue.add(member);
    readNext();
  }

  /** Starts the next read, if none is under way and the connection takes bytes. */
  void readNext() {
    while (!reading && !closed && isReadAwaited()) {
      if (!outlet.isReady()) {
        awaitDrain();
        return;
      }
      startRead();
    }
  }

  private boolean isReadAwaited() {
    ArrayDeque<Membership> queue = toRead;
    return awaitedTurn != null || (queue != null && !queue.isEmpty());
  }

  // A turn comes before the replays: it is asked for anew only after the last one, so both go on.
  private void startRead() {
    CompletableFuture<Void> turn = awaitedTurn;
    if (turn != null) {
      awaitedTurn = null;
      reading = true;
      turn.complete(null);
      return;
    }
    ArrayDeque<Membership> queue = toRead;
    Membership member = queue == null ? null : queue.poll();
    if (queue != null && queue.isEmpty()) {
      toRead = null;
    }
    if (member != null && !member.isDetached()) {
      reading = true;
      loop.replay(member);
    }
  }

  /** The read is over and its messages are written; {@code member} goes on from its {@code nextSeq}. */
  void readDone(Membership member) {
    reading = false;
    member.reading = false;
    if (!member.isDetached()) {
      member.feed.local.meet(member);
    }
    readNext();
  }

  // ---- draining ----

  void stalled(Membership member) {
    ArrayDeque<Membership> queue = stalledMemberships;
    if (queue == null) {
      queue = new ArrayDeque<>(2);
      stalledMemberships = queue;
    }
    queue.add(member);
    awaitDrain();
  }

  private void awaitDrain() {
    if (!awaitingDrain && !outlet.isClosed()) {
      awaitingDrain = true;
      loop.awaitDrain(this);
    }
  }

  /** Everything queued has left: who was skipped gets its turn, in the order of skipping. Returns the sends. */
  int drained() {
    awaitingDrain = false;
    int sends = 0;
    ArrayDeque<Membership> queue = stalledMemberships;
    if (queue != null) {
      stalledMemberships = null;
      List<Membership> skipped = List.copyOf(queue);
      for (Membership member : skipped) {
        sends += member.feed.resume(member);
      }
    }
    readNext();
    return sends;
  }
}

package io.gochat.server.registry;

import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.FanOut.Subscriber;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One connection's topics, its one read of the log at a time, and what waits for its socket to drain. Confined to the
 * connection's event loop. Small while it is idle: most connections are.
 */
final class LoopSubscriber implements Subscriber {
  final Connection connection;
  final Outlet outlet;
  private final FanOutLoop loop;

  private final Memberships memberships = new Memberships();
  private int rooms;
  private boolean closed;

  private @Nullable ArrayDeque<Membership> toRead;
  private @Nullable CompletableFuture<Void> awaitedTurn;
  private boolean turnTaken;
  private @Nullable Replay replay;
  private @Nullable Loan loan;

  private @Nullable ArrayDeque<Membership> stalledMemberships;
  private boolean awaitingDrain;

  LoopSubscriber(Connection connection, FanOutLoop loop) {
    this.connection = connection;
    this.loop = loop;
    this.outlet = Outlets.of(connection.channel(), loop.records());
  }

  WireFormat wireFormat() {
    return connection.wireFormat();
  }

  // ---- topics ----

  @Override
  public void attach(Topic topic, long epoch, long nextSeq) {
    loop.assertInLoop();
    if (closed) {
      return;
    }
    detach(topic);
    LocalTopic local = loop.topic(topic);
    Membership member = new Membership(local.feed(wireFormat()), this, epoch, nextSeq);
    memberships.add(member);
    rooms += topic.isInbox() ? 0 : 1;
    local.add(member);
  }

  @Override
  public void detach(Topic topic) {
    loop.assertInLoop();
    Membership member = memberships.remove(topic);
    if (member != null) {
      rooms -= topic.isInbox() ? 0 : 1;
      leave(member);
      if (replay != null && replay.member == member) {
        replay.memberLeft();
      }
    }
  }

  @Override
  public boolean isAttached(Topic topic) {
    return memberships.find(topic) != null;
  }

  @Override
  public int rooms() {
    return rooms;
  }

  @Override
  public List<Topic> close() {
    loop.assertInLoop();
    if (closed) {
      return List.of();
    }
    closed = true;
    List<Topic> detached = new ArrayList<>();
    for (Membership member : memberships.all()) {
      detached.add(member.topic());
      leave(member);
    }
    rooms = 0;
    toRead = null;
    stalledMemberships = null;
    if (replay != null) {
      replay.abandon();
      replay = null;
    }
    if (loan != null) {
      loan.close();
      loan = null;
    }
    CompletableFuture<Void> turn = awaitedTurn;
    if (turn != null) {
      awaitedTurn = null;
      turn.complete(null);
    }
    return detached;
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

  /** Something was thrown while this connection was served: it may stand in the middle of a frame, and ends. */
  void failed(Throwable fault) {
    loop.survived("delivery to a connection, which is closed,", fault);
    outlet.close();
  }

  // ---- reading the log ----

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
    turnTaken = false;
    loop.eventLoop.execute(this::readNext); // behind the answer, which is written by what runs now
  }

  /** The member has no position in the stream: it reads the log, one read per connection at a time. */
  void readLater(Membership member) {
    try {
      member.reading = true;
      if (toRead == null) {
        toRead = new ArrayDeque<>(2);
      }
      toRead.add(member);
      readNext();
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  private void readNext() {
    while (replay == null && !turnTaken && !closed && isReadAwaited()) {
      if (!outlet.isReady()) {
        awaitDrain();
        return;
      }
      startRead();
    }
    if (loan != null && replay == null && !awaitingDrain) {
      loan.close();
      loan = null;
    }
  }

  private boolean isReadAwaited() {
    return awaitedTurn != null || toRead != null;
  }

  // A turn comes before the replays: it is asked for anew only after the last one, so both go on.
  private void startRead() {
    CompletableFuture<Void> turn = awaitedTurn;
    if (turn != null) {
      awaitedTurn = null;
      turnTaken = true;
      turn.complete(null);
      return;
    }
    ArrayDeque<Membership> queue = toRead;
    Membership member = queue == null ? null : queue.poll();
    if (queue != null && queue.isEmpty()) {
      toRead = null;
    }
    if (member != null && !member.isDetached()) {
      replay = new Replay(member, loan(), loop);
      replay.start();
    }
  }

  /** The turn of {@code member} is over; it goes on from its {@code nextSeq}. */
  void replayOver(Membership member) {
    replay = null;
    member.reading = false;
    if (!member.isDetached()) {
      member.feed.local.meet(member);
    }
    readNext();
  }

  private Loan loan() {
    Loan current = loan;
    if (current == null) {
      current = loop.openLoan(this);
      loan = current;
    }
    return current;
  }

  // ---- draining ----

  /** The socket is full: the member's next turn comes when it has drained. */
  void stalled(Membership member) {
    ArrayDeque<Membership> queue = stalledMemberships;
    if (queue == null) {
      queue = new ArrayDeque<>(2);
      stalledMemberships = queue;
    }
    queue.add(member);
    awaitDrain();
  }

  /** A push has left something that the socket did not take: the rest of one frame, or of one record. */
  void leftRest() {
    int bytes = outlet.queuedBytes();
    if (bytes > 0 && !closed) {
      loan().rest(bytes);
      awaitDrain();
    }
  }

  void awaitDrain() {
    if (!awaitingDrain && !outlet.isClosed()) {
      awaitingDrain = true;
      loop.awaitDrain(this);
    }
  }

  /** Everything queued has left: a page goes on, then who was skipped, in the order of skipping. Returns the sends. */
  int drained() {
    awaitingDrain = false;
    if (loan != null && loan.restBytes > 0) {
      loan.rest(0);
    }
    int sends = replay == null ? 0 : replay.drained();
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

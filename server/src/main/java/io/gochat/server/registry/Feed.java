package io.gochat.server.registry;

import io.gochat.protocol.Member;
import io.gochat.server.messaging.LoggedMessage;
import java.util.List;

/**
 * The members of one topic on one event loop that share a wire format: where each stands, and the framed bytes that some
 * of them are still owed. Confined to that event loop. How far the log has come is the {@link LocalTopic}'s.
 *
 * <p><b>The stream.</b> What is delivered is one stream of framed bytes, kept in {@link Chunk}s while somebody needs it.
 * A member's whole state is its position in that stream, a {@code long} in a dense array. A sweep visits the members
 * round and round, and each visit sends <i>everything since the last one</i> in one system call. So the batch size
 * follows the load by itself: the busier the topic, the more messages gather between two visits. A member whose socket
 * is full keeps its position and costs nothing until it drains.
 *
 * <p><b>Falling out.</b> Chunks that all sweepable members have passed go. When a straggler pins more than
 * {@link #STRAGGLER_BYTES}, or the loop is over its memory, the oldest chunk goes all the same: members standing in it
 * get no position ({@link #NONE}) but a sequence, and read the log from there until they meet the stream again.
 */
final class Feed extends HeldChunks.Part {
  /** Bytes held back for members that do not drain; beyond them they read the log. */
  static final int STRAGGLER_BYTES = 1024 * 1024;

  /** Bytes held for members that are reading the log, so that they meet the stream under load. */
  static final int MEETING_BYTES = 256 * 1024;

  private static final int PRE_TOUCHED = 16;
  private static final long NONE = Cursors.NONE;

  final LocalTopic local;
  final WireFormat format;
  private final FanOutLoop loop;

  private final Cursors members = new Cursors();
  private final ChunkStream stream;

  // The sweep: who is next, and how many visits until everybody was seen since the last append.
  private int cursor;
  private int remaining;
  boolean queuedForSweep;
  private int stalled;

  Feed(LocalTopic local, WireFormat format, FanOutLoop loop) {
    this.local = local;
    this.format = format;
    this.loop = loop;
    this.stream = new ChunkStream(format, loop.allocator());
  }

  int size() {
    return members.size();
  }

  /** Adds a member, without a position yet. */
  void add(Membership member) {
    members.add(member);
    if (remaining > 0) {
      // The round got longer: who lies beyond the old end of it must not be left out.
      remaining = members.size();
    }
  }

  /** Removes a member; nothing more of this topic is sent to it. */
  void remove(Membership member) {
    if (member.stalled) {
      stalled--;
    }
    boolean moved = members.remove(member);
    int size = members.size();
    if (moved && remaining > 0) {
      remaining = size; // the one that moved may have jumped over the cursor: go round once more
    }
    member.stalled = false;
    remaining = Math.min(remaining, size);
    if (size == 0) {
      clear();
    } else if (remaining == 0) {
      trim();
    }
  }

  boolean isPlaced(Membership member) {
    return members.position(member.index) != NONE;
  }

  /** Gives the member its position in the stream, if that holds what it wants next, or will carry it next. */
  boolean place(Membership member) {
    if (member.nextSeq == local.end() + 1) {
      join(member, stream.endPos());
      return true;
    }
    long position = stream.positionOf(member.nextSeq);
    if (position == NONE) {
      return false;
    }
    join(member, position);
    requestSweep();
    return true;
  }

  private void join(Membership member, long position) {
    members.place(member.index, position);
    if (member.missedPresence) {
      member.missedPresence = false;
      loop.tellCount(member);
    }
  }

  /** Appends messages, the first of which is the topic's next. If there is no memory for it, members read the log. */
  void append(List<LoggedMessage> messages) {
    try {
      stream.append(messages);
      owe();
    } catch (RuntimeException | Error e) {
      loop.survived("framing messages", e);
      dropOutAll();
    }
  }

  /** Appends a change of the room's members, which has no sequence. */
  void appendPresence(int count, List<Member> joined, List<Member> left) {
    try {
      stream.appendPresence(local.topic.id(), count, joined, left, local.end() + 1);
      owe();
    } catch (RuntimeException | Error e) {
      loop.survived("framing a change of a room", e);
      dropOutAll();
    }
  }

  private void owe() {
    requestSweep();
    reportHeld();
  }

  private void reportHeld() {
    loop.chunks().holds(this, stream.heldBytes());
  }

  private void clear() {
    stream.clear();
    reportHeld();
  }

  /** Lets the oldest chunk go, if there is one; members that stand in it read the log from there. */
  @Override
  void dropOldest() {
    Chunk chunk = stream.oldest();
    if (chunk == null) {
      return;
    }
    long limit = chunk.endPos();
    for (int i = 0; i < members.size(); i++) {
      long position = members.position(i);
      if (position != NONE && position < limit) {
        dropOut(i, chunk.nextSeqAt((int) (position - chunk.basePos)));
      }
    }
    stream.dropOldest();
    reportHeld();
  }

  /** Lets everything go; all members read the log from where they stand. */
  void dropOutAll() {
    for (int i = 0; i < members.size(); i++) {
      if (members.position(i) != NONE) {
        dropOut(i, stream.nextSeqAt(members.position(i), local.end() + 1));
      }
    }
    clear();
  }

  private void dropOut(int index, long nextSeq) {
    Membership member = members.member(index);
    members.displace(index);
    member.nextSeq = nextSeq;
    member.epoch = local.epoch();
    member.missedPresence = !local.topic.isInbox();
    loop.counters.dropOuts++;
    member.subscriber.readLater(member);
  }

  /** Lets everything go and adds to {@code waiting} who stands nowhere now; who reads the log comes by itself. */
  void forgetPositions(List<Membership> waiting) {
    for (int i = 0; i < members.size(); i++) {
      Membership member = members.member(i);
      if (members.position(i) != NONE) {
        member.nextSeq = stream.nextSeqAt(members.position(i), local.end() + 1);
        members.displace(i);
      }
      if (!member.reading) {
        waiting.add(member);
      }
    }
    clear();
    remaining = 0;
  }

  // Everybody is looked at once more: whoever is owed something may lie behind the cursor.
  private void requestSweep() {
    remaining = members.size();
    if (!queuedForSweep) {
      queuedForSweep = true;
      loop.queueForSweep(this);
    }
  }

  /** Whether the sweep has members left to look at. */
  boolean owes() {
    return remaining > 0;
  }

  /** Visits members until {@code budget} sends are done or everybody was looked at; returns the sends. */
  int sweep(int budget) {
    int sends = 0;
    while (remaining > 0 && sends < budget) {
      if (cursor >= members.size()) {
        cursor = 0; // members left
      }
      int group = Math.min(Math.min(remaining, PRE_TOUCHED), members.size() - cursor);
      touch(group);
      for (int last = cursor + group; cursor < last; cursor++) {
        remaining--;
        long position = members.position(cursor);
        if (position != NONE && position < stream.endPos() && !members.member(cursor).stalled) {
          sends += visit(cursor);
        }
      }
      if (cursor >= members.size()) {
        cursor = 0;
        trim();
      }
    }
    if (remaining == 0) {
      trim();
    }
    return sends;
  }

  private void touch(int group) {
    long sum = 0;
    for (int i = cursor; i < cursor + group; i++) {
      if (members.position(i) < stream.endPos()) {
        sum += members.member(i).outlet.touch();
      }
    }
    loop.touched(sum);
  }

  /** The connection of a stalled member has drained: it gets what it is owed. Returns the sends. */
  int resume(Membership member) {
    if (member.isDetached() || !member.stalled) {
      return 0;
    }
    member.stalled = false;
    stalled--;
    long position = members.position(member.index);
    int sends = position == NONE || position >= stream.endPos() ? 0 : visit(member.index);
    if (stalled == 0 && remaining == 0) {
      trim();
    }
    return sends;
  }

  // An allocation may fail behind any byte that was sent: then what the connection got ends in the
  // middle of a frame, and with it the connection.
  private int visit(int index) {
    Membership member = members.member(index);
    try {
      return push(member);
    } catch (RuntimeException | Error e) {
      member.subscriber.failed(e);
      return 1;
    }
  }

  private int push(Membership member) {
    Outlet outlet = member.outlet;
    if (!outlet.isReady()) {
      stall(member);
      return 1;
    }
    int index = member.index;
    long sends = loop.counters.sends;
    long reached =
        stream.push(outlet, members.position(index), outlet.bytesPerVisit(), loop.counters);
    members.advance(index, reached);
    if (!outlet.isEmpty()) {
      member.subscriber.leftRest();
      stall(member);
    } else if (reached < stream.endPos()) {
      requestSweep(); // more than one visit's worth: come round again
    }
    return (int) (loop.counters.sends - sends);
  }

  private void stall(Membership member) {
    if (!member.stalled && !member.outlet.isClosed()) {
      member.stalled = true;
      stalled++;
      member.subscriber.stalled(member);
    }
  }

  // Chunks that every sweepable member has passed go; what stragglers may pin is bounded.
  private void trim() {
    if (stream.isEmpty()) {
      return;
    }
    if (stalled == 0 && remaining == 0 && members.unplaced() == 0) {
      clear();
      return;
    }
    int keep = members.unplaced() > 0 ? MEETING_BYTES : 0;
    if (stream.heldBytes() > keep) {
      stream.dropBefore(members.lowest(stream.endPos()), keep);
    }
    while (stream.heldBytes() > STRAGGLER_BYTES && stream.hasSeveral()) {
      dropOldest();
    }
    reportHeld();
    if (stalled == 0 && members.unplaced() == 0) {
      loop.chunks().served(this);
    }
  }

  /** For tests: what must hold between any two steps. */
  void checkInvariants() {
    int none = 0;
    int stuck = 0;
    for (int i = 0; i < members.size(); i++) {
      Membership member = members.member(i);
      long position = members.position(i);
      check(member.index == i, "index");
      if (position == NONE) {
        none++;
      } else {
        checkPlaced(member, position);
      }
      stuck += member.stalled ? 1 : 0;
    }
    check(none == members.unplaced(), "unplaced");
    check(heldBytes() == stream.heldBytes(), "held bytes");
    check(stuck == stalled, "stalled");
    check(remaining == 0 || queuedForSweep, "not queued");
  }

  private void checkPlaced(Membership member, long position) {
    check(position <= stream.endPos(), "position beyond the end");
    if (position < stream.endPos()) {
      check(stream.at(position) != null, "position before the chunks");
      check(
          member.stalled || remaining > 0,
          "owed but neither stalled nor swept: member " + member.index + " of " + size());
    }
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(local.topic + ": " + what);
    }
  }
}

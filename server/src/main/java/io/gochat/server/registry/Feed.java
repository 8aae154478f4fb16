package io.gochat.server.registry;

import io.gochat.protocol.Member;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;

/**
 * One topic on one event loop: its members here, where each stands, and the framed bytes that some of them are still
 * owed. Confined to that event loop.
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
 *
 * <p><b>Meeting the stream (attach).</b> One mechanism for join, resume, slowness and lost notifications. The loop's
 * interest in the topic is set first and the log's tail is read after it, while the log publishes a tail first and looks
 * for interest after it: whatever the tail did not show will be handed over. From then on {@link #end} is the last
 * sequence that the stream has carried. A member that wants {@code end + 1}, or a sequence held in chunks, has a
 * position at once. One that wants less reads the log. One that wants more (its start was computed from a commit that has
 * not arrived here) waits until the feed got there, which the feed sees to by itself. Batches are trimmed to what lies
 * beyond {@code end}; one that starts later than {@code end + 1} tells of a hole, which is filled from the log first.
 */
final class Feed {
  /** Most bytes sent to one member per visit. */
  static final int MAX_SEND_BYTES = 64 * 1024;

  /** Bytes held back for members that do not drain; beyond them they read the log. */
  static final int STRAGGLER_BYTES = 1024 * 1024;

  /** Bytes held for members that are reading the log, so that they meet the stream under load. */
  static final int MEETING_BYTES = 256 * 1024;

  private static final int PARKED_BYTES = 1024 * 1024;
  private static final int PRE_TOUCHED = 16;
  private static final long NONE = -1;

  final Topic topic;
  private final FanOutLoop loop;

  // Members and their positions, dense; a member that leaves is replaced by the last.
  private Membership[] members = new Membership[1];
  private long[] positions = new long[1];
  private int size;

  private final ChunkStream stream;
  private int reportedBytes;
  private boolean holdsOn;

  // The log as the stream has carried it.
  private boolean open;
  private int openings;
  private long epoch;
  private long end;

  // While the tail or a hole is being read: what arrives meanwhile, within a bound, and how far to
  // go.
  private boolean filling;
  private long fillTarget;
  private final Queue<TopicBatch> parked = new ArrayDeque<>(0);
  private long parkedBytes;
  private List<Membership> waiting = List.of();

  // The sweep: who is next, and how many visits until everybody was seen since the last append.
  private int cursor;
  private int remaining;
  boolean queuedForSweep;
  private int stalled;
  private int reading;

  Feed(Topic topic, FanOutLoop loop) {
    this.topic = topic;
    this.loop = loop;
    this.stream = new ChunkStream(loop.allocator());
  }

  // ---- membership ----

  int size() {
    return size;
  }

  long end() {
    return end;
  }

  long epoch() {
    return epoch;
  }

  /** Numbers an attempt to open: the answer to an earlier one may be of an earlier epoch. */
  int nextOpening() {
    return ++openings;
  }

  /** The number of the latest attempt. */
  int opening() {
    return openings;
  }

  boolean isOpening(int attempt) {
    return !open && attempt == openings;
  }

  /** Adds a member that wants {@code member.nextSeq} next. */
  void add(Membership member) {
    if (size == members.length) {
      members = Arrays.copyOf(members, size * 2);
      positions = Arrays.copyOf(positions, size * 2);
    }
    member.index = size;
    members[size] = member;
    positions[size] = NONE;
    size++;
    reading++;
    if (remaining > 0) {
      remaining =
          size; // the round got longer: who lies beyond the old end of it must not be left out
    }
    meet(member);
  }

  /** Removes a member; nothing more of this topic is sent to it. */
  void remove(Membership member) {
    int index = member.index;
    if (positions[index] == NONE) {
      reading--;
    }
    if (member.stalled) {
      stalled--;
    }
    int last = --size;
    if (index != last) {
      members[index] = members[last];
      positions[index] = positions[last];
      members[index].index = index;
      if (remaining > 0) {
        remaining = size; // the one that moved may have jumped over the cursor: go round once more
      }
    }
    vacate(last);
    member.index = -1;
    member.stalled = false;
    remaining = Math.min(remaining, size);
    if (size == 0) {
      clear();
    } else if (remaining == 0) {
      trim();
    }
  }

  @SuppressWarnings("NullAway") // beyond size nothing is read
  private void vacate(int slot) {
    members[slot] = null;
  }

  /**
   * Gives the member a position in the stream if it wants something that the stream holds or will carry next; else sees
   * to it that it gets one later, by reading the log or by waiting for the feed.
   */
  void meet(Membership member) {
    if (!open || (filling && member.nextSeq > end)) {
      wait(member);
      return;
    }
    if (member.epoch != epoch) {
      startInNewEpoch(member);
    }
    if (member.nextSeq == end + 1) {
      join(member, stream.endPos());
    } else if (member.nextSeq > end) {
      wait(member);
      advanced(member.nextSeq - 1);
    } else {
      Chunk chunk = stream.holding(member.nextSeq);
      if (chunk == null) {
        member.subscriber.read(member);
      } else {
        join(member, chunk.basePos + chunk.offsetOf(member.nextSeq));
        requestSweep();
      }
    }
  }

  private void join(Membership member, long position) {
    positions[member.index] = position;
    reading--;
    if (member.missedPresence) {
      member.missedPresence = false;
      loop.tellCount(member);
    }
  }

  private void wait(Membership member) {
    if (waiting.isEmpty()) {
      waiting = new ArrayList<>(2);
    }
    waiting.add(member);
  }

  private void meetWaiting() {
    List<Membership> arrived = waiting;
    waiting = List.of();
    for (Membership member : arrived) {
      if (!member.isDetached() && positions[member.index] == NONE) {
        meet(member);
      }
    }
  }

  // ---- the log ----

  /** The topic's bounds, read after this loop's interest was set. */
  void opened(long epoch, long lastSeq) {
    this.epoch = epoch;
    this.end = lastSeq;
    this.open = true;
    applyParked();
    meetWaiting();
  }

  /** A committed batch of this topic. */
  void committed(TopicBatch batch) {
    if (!open || filling) {
      park(batch);
    } else if (batch.epoch() != epoch) {
      reopen();
    } else if (batch.firstSeq() > end + 1) {
      park(batch);
      advanced(batch.lastSeq());
    } else {
      append(batch.messages());
      if (!waiting.isEmpty()) {
        meetWaiting();
      }
    }
  }

  /** The topic ends at {@code lastSeq} or later: reads from the log what the stream lacks. */
  void advanced(long lastSeq) {
    fillTarget = Math.max(fillTarget, lastSeq);
    if (open && !filling && fillTarget > end) {
      filling = true;
      loop.fill(this);
    }
  }

  /** What a read from {@code end + 1} on brought. */
  void filled(List<LoggedMessage> messages, long sliceEpoch, long firstSeq, long lastSeq) {
    filling = false;
    if (sliceEpoch != epoch) {
      reopen();
      return;
    }
    if (messages.isEmpty() || firstSeq > end + 1) {
      skipTo(Math.max(
          end,
          messages.isEmpty() ? Math.min(lastSeq, fillTarget) : messages.get(0).seq() - 1));
    }
    append(messages);
    fillTarget =
        Math.min(fillTarget, Math.max(lastSeq, end)); // never wait for what the log does not have
    applyParked();
    meetWaiting();
    advanced(fillTarget);
  }

  /** The log could not be read; it is asked again. */
  void fillFailed() {
    filling = false;
    advanced(fillTarget);
  }

  /** Sequences may have been used again: every cursor is looked at anew. */
  void reopen() {
    open = false;
    filling = false;
    fillTarget = 0;
    parked.clear();
    parkedBytes = 0;
    forgetPositions();
    clear();
    remaining = 0;
    waiting = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      if (!members[i].reading) {
        waiting.add(members[i]); // the others come by themselves when their read is over
      }
    }
    loop.open(this);
  }

  private void startInNewEpoch(Membership member) {
    long next = topic.isInbox() ? 1 : end + 1;
    loop.tellGap(member, 0, next - 1, epoch);
    member.epoch = epoch;
    member.nextSeq = next;
  }

  // Retention took what the stream lacks: nobody can be served it from here. Each member finds out
  // by its own read.
  private void skipTo(long seq) {
    if (seq > end) {
      for (int i = 0; i < size; i++) {
        if (positions[i] != NONE) {
          dropOut(i, nextSeqAt(positions[i]));
        }
      }
      clear();
      end = seq;
    }
  }

  private void park(TopicBatch batch) {
    long bytes = 0;
    for (LoggedMessage message : batch.messages()) {
      bytes += message.bytes().length;
    }
    if (parkedBytes + bytes > PARKED_BYTES) {
      parked.clear(); // they are in the log: read them there
      parkedBytes = 0;
    } else {
      parked.add(batch);
      parkedBytes += bytes;
    }
    fillTarget = Math.max(fillTarget, batch.lastSeq());
  }

  private void applyParked() {
    TopicBatch batch = parked.peek();
    while (batch != null && (batch.epoch() != epoch || batch.firstSeq() <= end + 1)) {
      parked.remove();
      if (batch.epoch() == epoch) {
        append(batch.messages());
      }
      batch = parked.peek();
    }
    if (parked.isEmpty()) {
      parkedBytes = 0;
    }
    advanced(fillTarget);
  }

  // ---- the stream ----

  private void append(List<LoggedMessage> messages) {
    int count = messages.size();
    int first = 0;
    while (first < count && messages.get(first).seq() <= end) {
      first++;
    }
    if (first == count || size == 0) {
      end = Math.max(end, count == 0 ? 0 : messages.get(count - 1).seq());
      return;
    }
    WireFormat format = members[0].subscriber.wireFormat();
    int left = 0;
    for (int i = first; i < count; i++) {
      left += format.messageSize(messages.get(i));
    }
    for (int i = first; i < count; i++) {
      LoggedMessage message = messages.get(i);
      int bytes = format.messageSize(message);
      Chunk chunk = stream.forMessage(bytes, left, message.seq());
      format.writeMessage(message, chunk.bytes);
      stream.written(chunk, bytes);
      end = message.seq();
      left -= bytes;
    }
    appended();
  }

  /** Appends a change of the room's members, which has no sequence. */
  void appendPresence(int count, List<Member> joined, List<Member> left) {
    if (size == 0 || !open) {
      return;
    }
    int guessedBytes = 32 + 48 * (joined.size() + left.size());
    Chunk chunk = stream.forUnsequenced(guessedBytes, end + 1);
    members[0].subscriber.wireFormat().writePresence(topic.id(), count, joined, left, chunk.bytes);
    stream.written(chunk, chunk.length());
    appended();
  }

  private void appended() {
    requestSweep();
    reportHeld();
    loop.boundMemory();
  }

  private void reportHeld() {
    int held = stream.heldBytes();
    if (held != reportedBytes) {
      loop.held(held - reportedBytes);
      reportedBytes = held;
    }
  }

  private void clear() {
    stream.clear();
    reportHeld();
    holdOn(false);
  }

  private void holdOn(boolean holds) {
    if (holdsOn != holds) {
      holdsOn = holds;
      loop.holdsOn(this, holds);
    }
  }

  /** Lets the oldest chunk go; members that stand in it read the log from there. False: there was none. */
  boolean dropOldest() {
    Chunk chunk = stream.oldest();
    if (chunk == null) {
      return false;
    }
    long limit = chunk.endPos();
    for (int i = 0; i < size; i++) {
      if (positions[i] != NONE && positions[i] < limit) {
        dropOut(i, chunk.nextSeqAt((int) (positions[i] - chunk.basePos)));
      }
    }
    stream.dropOldest();
    reportHeld();
    return true;
  }

  private void dropOut(int index, long nextSeq) {
    Membership member = members[index];
    positions[index] = NONE;
    reading++;
    member.nextSeq = nextSeq;
    member.epoch = epoch;
    member.missedPresence = !topic.isInbox();
    loop.countDropOut();
    member.subscriber.read(member);
  }

  private void forgetPositions() {
    for (int i = 0; i < size; i++) {
      if (positions[i] != NONE) {
        members[i].nextSeq = nextSeqAt(positions[i]);
        positions[i] = NONE;
        reading++;
      }
    }
  }

  private long nextSeqAt(long position) {
    Chunk chunk = stream.at(position);
    return chunk == null ? end + 1 : chunk.nextSeqAt((int) (position - chunk.basePos));
  }

  // ---- the sweep ----

  // Everybody is looked at once more: whoever is owed something may lie behind the cursor.
  private void requestSweep() {
    remaining = size;
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
      if (cursor >= size) {
        cursor = 0; // members left
      }
      int group = Math.min(Math.min(remaining, PRE_TOUCHED), size - cursor);
      touch(group);
      for (int last = cursor + group; cursor < last; cursor++) {
        remaining--;
        long position = positions[cursor];
        if (position != NONE && position < stream.endPos() && !members[cursor].stalled) {
          sends += visit(cursor);
        }
      }
      if (cursor >= size) {
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
      if (positions[i] < stream.endPos()) {
        sum += members[i].outlet.touch();
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
    long position = positions[member.index];
    int sends = position == NONE || position >= stream.endPos() ? 0 : visit(member.index);
    if (stalled == 0 && remaining == 0) {
      trim();
    }
    return sends;
  }

  private int visit(int index) {
    Membership member = members[index];
    Outlet outlet = member.outlet;
    if (!outlet.isReady()) {
      stall(member);
      return 1;
    }
    long position = positions[index];
    int sentBytes = 0;
    int sends = 0;
    boolean full = false;
    while (position < stream.endPos() && sentBytes < MAX_SEND_BYTES && !full) {
      Chunk chunk = stream.at(position);
      if (chunk == null) {
        throw new IllegalStateException(
            "position " + position + " of " + topic + " is in no chunk");
      }
      int from = (int) (position - chunk.basePos);
      int reached = outlet.push(chunk, from, chunk.length());
      loop.sent(chunk.framesUpTo(reached) - chunk.framesUpTo(from), reached - from);
      position += reached - from;
      sentBytes += reached - from;
      sends++;
      full = !outlet.isEmpty();
    }
    positions[index] = position;
    if (full) {
      stall(member);
    } else if (position < stream.endPos()) {
      requestSweep(); // more than one send's worth: come round again
    }
    return sends;
  }

  private void stall(Membership member) {
    if (!member.stalled && !member.outlet.isClosed()) {
      member.stalled = true;
      stalled++;
      member.subscriber.stalled(member);
    }
  }

  // Chunks that every sweepable member has passed are not needed; what stragglers may pin is
  // bounded.
  private void trim() {
    if (stream.isEmpty()) {
      return;
    }
    if (stalled == 0 && remaining == 0 && reading == 0) {
      clear();
      return;
    }
    int keep = reading > 0 ? MEETING_BYTES : 0;
    if (stream.heldBytes() > keep) {
      dropPassed(keep);
    }
    while (stream.heldBytes() > STRAGGLER_BYTES && stream.hasSeveral()) {
      dropOldest();
    }
    reportHeld();
    holdOn(!stream.isEmpty());
  }

  private void dropPassed(int keep) {
    long needed = stream.endPos();
    for (int i = 0; i < size; i++) {
      long position = positions[i];
      if (position != NONE && position < needed) {
        needed = position;
      }
    }
    Chunk oldest = stream.oldest();
    while (oldest != null && oldest.endPos() <= needed && stream.heldBytes() > keep) {
      stream.dropOldest();
      oldest = stream.oldest();
    }
  }

  // ---- for tests: what must hold between any two steps ----

  void checkInvariants() {
    int none = 0;
    int stuck = 0;
    for (int i = 0; i < size; i++) {
      Membership member = members[i];
      check(member.index == i, "index");
      if (positions[i] == NONE) {
        none++;
      } else {
        check(positions[i] <= stream.endPos(), "position beyond the end");
        check(
            positions[i] == stream.endPos() || stream.at(positions[i]) != null,
            "position before the chunks");
        check(
            positions[i] == stream.endPos() || member.stalled || remaining > 0,
            "owed but neither stalled nor swept: member " + i + " of " + size + " at "
                + positions[i] + " of " + stream.endPos() + ", cursor " + cursor);
      }
      stuck += member.stalled ? 1 : 0;
    }
    check(none == reading, "reading");
    check(stuck == stalled, "stalled");
    check(remaining == 0 || queuedForSweep, "not queued");
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(topic + ": " + what);
    }
  }
}

package io.gochat.server.registry;

import io.gochat.protocol.Member;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One topic on one event loop: how far its log has come here, and its members, in one {@link Feed} per wire format. What
 * is handed over or read from the log is taken once, whatever the number of formats. Confined to that event loop.
 *
 * <p><b>Meeting the stream (attach).</b> One mechanism for join, resume, slowness and lost notifications. The loop's
 * interest in the topic is set first and the log's tail is read after it, while the log publishes a tail first and looks
 * for interest after it: whatever the tail did not show will be handed over. From then on {@link #end} is the last
 * sequence that the feeds have carried. A member that wants {@code end + 1}, or a sequence held in its feed's chunks, has
 * a position at once. One that wants less reads the log. One that wants more (its start was computed from a commit that
 * has not arrived here) waits until the topic got there, which the topic sees to by itself. Batches are trimmed to what
 * lies beyond {@code end}; one that starts later than {@code end + 1} tells of a hole, which is filled from the log first.
 */
final class LocalTopic {
  private static final Feed[] NO_FEEDS = {};

  final Topic topic;
  private final FanOutLoop loop;
  private Feed[] feeds = NO_FEEDS;

  // The log as the feeds have carried it.
  private boolean open;
  private int openings;
  private long epoch;
  private long end;
  private long earlierEpoch;
  private long keptUntil;

  // While the tail or a hole is being read: what arrives meanwhile, and how far to go.
  private boolean filling;
  private long fillTarget;
  private long askedTarget;
  private ParkedBatches parked = ParkedBatches.NONE;
  private List<Membership> waiting = List.of();

  LocalTopic(Topic topic, FanOutLoop loop) {
    this.topic = topic;
    this.loop = loop;
  }

  long end() {
    return end;
  }

  long epoch() {
    return epoch;
  }

  boolean isEmpty() {
    return feeds.length == 0;
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

  // ---- membership ----

  /** The feed of a format: formats are told apart by their identity. */
  Feed feed(WireFormat format) {
    for (Feed feed : feeds) {
      if (feed.format == format) {
        return feed;
      }
    }
    Feed feed = new Feed(this, format, loop);
    feeds = Arrays.copyOf(feeds, feeds.length + 1);
    feeds[feeds.length - 1] = feed;
    return feed;
  }

  /** Adds a member to its feed; it wants {@code member.nextSeq} next. */
  void add(Membership member) {
    member.feed.add(member);
    meet(member);
  }

  /** Removes a member; nothing more of this topic is sent to it. */
  void remove(Membership member) {
    Feed feed = member.feed;
    feed.remove(member);
    if (feed.size() == 0) {
      drop(feed);
    }
  }

  private void drop(Feed gone) {
    Feed[] rest = new Feed[feeds.length - 1];
    int kept = 0;
    for (Feed feed : feeds) {
      if (feed != gone) {
        rest[kept++] = feed;
      }
    }
    feeds = rest;
  }

  /**
   * Gives the member a position in its feed's stream if it wants something that the stream holds or will carry next; else
   * sees to it that it gets one later, by reading the log or by waiting for the topic.
   */
  void meet(Membership member) {
    try {
      placeOrRead(member);
    } catch (RuntimeException | Error e) {
      member.subscriber.failed(e);
    }
  }

  private void placeOrRead(Membership member) {
    if (!open || (filling && member.nextSeq > end)) {
      wait(member);
      return;
    }
    if (member.epoch != epoch) {
      startInNewEpoch(member);
    }
    if (member.nextSeq > end + 1) {
      wait(member);
      advanced(member.nextSeq - 1);
    } else if (!member.feed.place(member)) {
      member.subscriber.readLater(member);
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
      if (!member.isDetached() && !member.feed.isPlaced(member)) {
        meet(member);
      }
    }
  }

  /** A member whose last message is still there only hears of the epoch. */
  private void startInNewEpoch(Membership member) {
    long position = member.nextSeq - 1;
    if (position > 0 && member.epoch == earlierEpoch && position <= keptUntil) {
      loop.tellGap(member, position + 1, position, epoch);
      member.epoch = epoch;
      return;
    }
    long next = topic.isInbox() ? 1 : end + 1;
    loop.tellGap(member, 0, next - 1, epoch);
    member.epoch = epoch;
    member.nextSeq = next;
  }

  // ---- the log ----

  /**
   * The topic's bounds, read after this loop's interest was set.
   *
   * @param kept up to here the messages are those of the epoch before
   */
  void opened(long epoch, long lastSeq, long kept) {
    if (epoch != this.epoch) {
      earlierEpoch = this.epoch;
      keptUntil = kept;
    }
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

  /** The topic ends at {@code lastSeq} or later: reads from the log what the feeds lack. */
  void advanced(long lastSeq) {
    fillTarget = Math.max(fillTarget, lastSeq);
    if (open && !filling && fillTarget > end) {
      filling = true;
      askedTarget = fillTarget;
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
    // Never wait for what the log does not have; but what was told since it was read may be there.
    if (fillTarget == askedTarget) {
      fillTarget = Math.min(fillTarget, Math.max(lastSeq, end));
    }
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
    parked = ParkedBatches.NONE;
    waiting = new ArrayList<>();
    for (Feed feed : feeds) {
      feed.forgetPositions(waiting);
    }
    loop.open(this);
  }

  // Retention took what the feeds lack: each member finds out by its own read.
  private void skipTo(long seq) {
    if (seq > end) {
      for (Feed feed : feeds) {
        feed.dropOutAll();
      }
      end = seq;
    }
  }

  private void park(TopicBatch batch) {
    parked = parked.and(batch);
    fillTarget = Math.max(fillTarget, batch.lastSeq());
  }

  private void applyParked() {
    TopicBatch batch = parked.peek();
    while (batch != null && (batch.epoch() != epoch || batch.firstSeq() <= end + 1)) {
      parked = parked.withoutFirst();
      if (batch.epoch() == epoch) {
        append(batch.messages());
      }
      batch = parked.peek();
    }
    advanced(fillTarget);
  }

  private void append(List<LoggedMessage> messages) {
    int count = messages.size();
    int first = 0;
    while (first < count && messages.get(first).seq() <= end) {
      first++;
    }
    if (first == count) {
      return;
    }
    List<LoggedMessage> added = first == 0 ? messages : messages.subList(first, count);
    for (Feed feed : feeds) {
      feed.append(added);
    }
    end = messages.get(count - 1).seq();
    loop.chunks().bound();
  }

  /** Appends a change of the room's members, which has no sequence. */
  void appendPresence(int count, List<Member> joined, List<Member> left) {
    if (open) {
      for (Feed feed : feeds) {
        feed.appendPresence(count, joined, left);
      }
      loop.chunks().bound();
    }
  }

  // ---- for tests: what must hold between any two steps ----

  void checkInvariants() {
    for (Feed feed : feeds) {
      feed.checkInvariants();
      if (feed.size() == 0) {
        throw new IllegalStateException(topic + ": an empty feed");
      }
    }
  }
}

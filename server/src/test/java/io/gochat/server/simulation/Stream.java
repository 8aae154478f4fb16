package io.gochat.server.simulation;

import io.gochat.protocol.Gap;
import io.gochat.protocol.Message;
import io.gochat.protocol.Position;
import io.gochat.protocol.Resumed;
import io.gochat.server.messaging.Topic;
import io.gochat.server.simulation.SimulatedLog.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What one connection is delivered of one topic: every sequence once and in order, as it is in the log, or a gap that tells
 * of it. Confined to the simulation's thread.
 */
final class Stream {
  private static final long NOT_KNOWN = -1;

  private final Topic topic;
  private final SimulatedLog log;
  private final long startsAt;
  private long epoch;
  private long expected;
  private boolean owesGap;

  /** Begins where the server says, which must be where the client said, if that can still be had. */
  Stream(Topic topic, Resumed resumed, @Nullable Position claimed, SimulatedLog log) {
    this.topic = topic;
    this.log = log;
    this.epoch = resumed.getEpoch();
    this.startsAt = resumed.getNextSeq();
    this.owesGap = !resumed.getRecovered();
    if (claimed == null) {
      this.expected = owesGap ? NOT_KNOWN : startsAt;
    } else {
      this.expected = claimed.getSeq() + 1;
      Check.that(
          owesGap || startsAt == expected,
          () -> topic + " resumes at " + startsAt + " instead of " + expected);
    }
    Check.that(resumed.getSeq() <= log.last(topic), () -> topic + " ends behind its end");
    Check.that(
        claimed != null || topic.isInbox() || startsAt == resumed.getSeq() + 1,
        () -> topic + " begins at " + startsAt + ", not behind " + resumed.getSeq());
  }

  long startsAt() {
    return startsAt;
  }

  /** The gap of its start has not been told yet. */
  boolean owesGap() {
    return owesGap;
  }

  void delivered(Message message) {
    Check.that(!owesGap, () -> topic + " delivers before the gap of its start");
    Check.that(
        message.getSeq() == expected,
        () -> topic + " delivers " + message.getSeq() + " instead of " + expected);
    mustBeStored(message, topic, log);
    expected++;
  }

  static void mustBeStored(Message message, Topic topic, SimulatedLog log) {
    Entry stored = log.at(topic, message.getSeq());
    Check.that(
        stored != null
            && stored.id() == message.getMessageId()
            && stored.publication().fromUserId() == message.getFromUserId()
            && stored.publication().text().equals(message.getText())
            && Topics.of(message.getTopic()).equals(topic),
        () -> topic + " shows what is not in the log: " + message);
  }

  void gap(Gap gap) {
    long from = gap.getFromSeq();
    long to = gap.getToSeq();
    if (expected == NOT_KNOWN) {
      expected = from;
    }
    if (from == to + 1 && from == expected && !owesGap) {
      Check.that(gap.getEpoch() != epoch, () -> topic + " tells a gap of nothing");
    } else if (from == 0) {
      Check.that(log.epoch() > 1, () -> topic + " does not know what is missing");
    } else {
      Check.that(
          from == expected && to >= from,
          () -> topic + " has a gap from " + from + " to " + to + " instead of " + expected);
      Check.that(
          to < log.first(topic), () -> topic + " has a gap to " + to + ", which is retained");
    }
    Check.that(
        !owesGap || to + 1 == startsAt, () -> topic + " has another gap than its start says");
    owesGap = false;
    epoch = gap.getEpoch();
    expected = to + 1;
  }

  /** What the client would say of it. */
  Position position() {
    Entry last = log.at(topic, expected - 1);
    return Position.newBuilder()
        .setTopic(Topics.onWire(topic))
        .setEpoch(epoch)
        .setSeq(Math.max(0, expected - 1))
        .setMessageId(last == null ? 0 : last.id())
        .build();
  }

  boolean isComplete() {
    return !owesGap && expected == log.last(topic) + 1;
  }

  @Override
  public String toString() {
    return topic + " at " + expected + " of " + log.last(topic);
  }
}

package io.gochat.client;

import org.jspecify.annotations.Nullable;

/** One topic that is delivered to us. Confined to the client's event loop, but for {@link #isLeft}. */
final class Subscription {
  private final Topic topic;
  private boolean fromBeginning;
  private TopicCursor cursor;
  private boolean live;
  private boolean answered;
  private @Nullable Position holeSeenAt;
  private volatile boolean left;

  /** Starts after {@code from}; null: where the server says. */
  Subscription(Topic topic, @Nullable Position from) {
    this.topic = topic;
    this.fromBeginning = from != null && from.epoch() == 0;
    this.cursor = from == null ? new TopicCursor(topic) : new TopicCursor(topic, from);
  }

  /** The position store has been read: start after {@code from}. Only before the server was asked. */
  void startFrom(Position from) {
    fromBeginning = from.epoch() == 0;
    cursor = new TopicCursor(topic, from);
  }

  Topic topic() {
    return topic;
  }

  TopicCursor cursor() {
    return cursor;
  }

  /** What to resume from; null: from now on, or for an inbox from what was acknowledged. */
  @Nullable
  Position resumeFrom() {
    Position position = cursor.position();
    return position == null && fromBeginning ? Position.BEGINNING : position;
  }

  /** Whether deliveries on the present connection are ours: not before the server has said where they start. */
  boolean isLive() {
    return live;
  }

  /** The server said where delivery starts on the present connection. */
  void startsAt(io.gochat.protocol.Resumed resumed) {
    cursor.startsAt(resumed.getEpoch(), resumed.getNextSeq(), resumed.getRecovered());
    live = true;
    answered = true;
  }

  /** What still arrives belongs to an earlier start. */
  void pause() {
    live = false;
  }

  /** Whether the server has joined us once, so that a reconnect rejoins within {@code Hello}. */
  boolean isAnswered() {
    return answered;
  }

  /** Whether this hole was there the last time too, so that resuming does not fill it. */
  boolean isHoleSeenAgain() {
    Position here = cursor.position();
    boolean again = here != null && here.equals(holeSeenAt);
    holeSeenAt = here;
    return again;
  }

  /** Nothing of it may reach the application any more. */
  void leave() {
    left = true;
  }

  /** Thread-safe: read by the thread that hands over. */
  boolean isLeft() {
    return left;
  }
}

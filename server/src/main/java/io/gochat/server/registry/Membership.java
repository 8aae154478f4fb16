package io.gochat.server.registry;

import io.gochat.server.messaging.Topic;

/** One connection's cursor in one topic. Confined to the event loop of its {@link Feed}. */
final class Membership {
  final Feed feed;
  final LoopSubscriber subscriber;
  final Outlet outlet;

  /** Its place in the feed's arrays; -1: detached. */
  int index = -1;

  /** Where to go on reading the log; counts while the feed holds no position for it. */
  long nextSeq;

  /** In which {@link #nextSeq} counts. */
  long epoch;

  /** Skipped because its connection is not drained. */
  boolean stalled;

  /** A read of the log is queued or under way: until it is over, nobody else gives it a position. */
  boolean reading;

  /** Fell out of the feed and came back: what it missed of presence is summed up in a count. */
  boolean missedPresence;

  Membership(Feed feed, LoopSubscriber subscriber, long epoch, long nextSeq) {
    this.feed = feed;
    this.subscriber = subscriber;
    this.outlet = subscriber.outlet;
    this.epoch = epoch;
    this.nextSeq = nextSeq;
  }

  Topic topic() {
    return feed.local.topic;
  }

  boolean isDetached() {
    return index < 0;
  }
}

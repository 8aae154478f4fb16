package io.gochat.server.webhook;

import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.OutboxRecord;
import io.gochat.server.messaging.Topic;
import java.util.ArrayList;
import java.util.List;

/** All lanes of a topic: a record goes when the last of them has passed it. Confined to the webhooks' loop. */
final class TopicLanes {
  final Topic topic;
  final List<Lane> lanes = new ArrayList<>(2);
  /** Nothing is to do, and it can be forgotten once what it did is written. */
  boolean isLeaving;

  TopicLanes(Topic topic) {
    this.topic = topic;
  }

  boolean isIdle() {
    for (Lane lane : lanes) {
      if (!lane.isIdle() || lane.isBusy) {
        return false;
      }
    }
    return true;
  }

  /** {@code lane} has settled it: nobody else waits for it, or the others' rows must say that this one does not. */
  void settled(Lane lane, OutboxRecord record, Outbox.Changes changes) {
    lane.settle(record);
    boolean isLast = true;
    for (Lane other : lanes) {
      isLast &= other.settled() >= record.position();
    }
    if (isLast) {
      changes.delete(record);
    }
    if (lane.hasRow || !isLast) {
      lane.changed();
    }
  }

  /** Where every lane has come to at least. */
  long settledByAll() {
    long least = Long.MAX_VALUE;
    for (Lane lane : lanes) {
      least = Math.min(least, lane.settled());
    }
    return least;
  }

  /** Whether somebody is not as far as {@code lane}: only its row says then how far it has come. */
  boolean isAheadOfOthers(Lane lane) {
    return settledByAll() < lane.settled();
  }
}

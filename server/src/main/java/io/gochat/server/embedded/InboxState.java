package io.gochat.server.embedded;

import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import java.time.Duration;
import org.rocksdb.RocksDBException;

/**
 * What the committer knows of an inbox beyond its ends: what its owner has read, and who fills it. Confined to the
 * committer thread; forgotten with the tail.
 */
final class InboxState {
  private static final long UNKNOWN = -1;

  private final Topic inbox;
  private final long epoch;
  private final UnreadCounts unread = new UnreadCounts();
  private long acknowledged = UNKNOWN;
  /** The stamp of {@link #stampedSeq}, so that an inbox of unread messages is not looked into at each publish. */
  private long stampMs;

  private long stampedSeq;

  InboxState(Topic inbox, long epoch) {
    this.inbox = inbox;
    this.epoch = epoch;
  }

  /** One more of {@code sender}, behind {@code lastSeq}. */
  void published(long sender, long lastSeq) {
    unread.published(sender, lastSeq);
  }

  /**
   * Whether {@code sender} may have one more than {@code most} that are not acknowledged.
   *
   * @param durableSeq the last that is on the disk
   * @param lastSeq the last one, staged ones included
   */
  boolean hasRoom(long sender, long most, long durableSeq, long lastSeq, Database database)
      throws RocksDBException {
    if (unread.of(sender) < most) {
      return true;
    }
    long upTo = Math.min(acknowledged(database), durableSeq);
    unread.countOff(sender, inbox, upTo, lastSeq - upTo, database);
    return unread.of(sender) < most;
  }

  /** The highest that any device has acknowledged; looked up when it is first asked for. */
  private long acknowledged(Database database) throws RocksDBException {
    if (acknowledged == UNKNOWN) {
      AcknowledgedPosition highest = StoredPosition.highest(database, inbox.id(), epoch);
      acknowledged = highest.epoch() == epoch ? highest.seq() : 0;
    }
    return acknowledged;
  }

  /** Up to {@code seq}, of {@code lastSeq}. */
  void acknowledge(long seq, long lastSeq) {
    if (acknowledged != UNKNOWN) {
      acknowledged = Math.max(acknowledged, seq);
    }
    if (seq >= lastSeq) {
      unread.clear();
    }
  }

  /**
   * The first message that must stay, though all before {@code keepFrom} might go by their number.
   *
   * @param firstSeq the first that is there
   * @param durableSeq the last that is on the disk
   */
  long keepFrom(long keepFrom, long firstSeq, long durableSeq, long nowMs, Database database)
      throws RocksDBException {
    long firstUnread = Math.max(acknowledged(database) + 1, firstSeq);
    if (firstUnread >= keepFrom || isYoung(firstUnread, durableSeq, nowMs, database)) {
      return Math.min(firstUnread, keepFrom);
    }
    long old = firstUnread;
    long young = keepFrom;
    while (young - old > 1) { // stamps of a topic ascend
      long middle = old + (young - old) / 2;
      if (isYoung(middle, durableSeq, nowMs, database)) {
        young = middle;
      } else {
        old = middle;
      }
    }
    return young;
  }

  private boolean isYoung(long seq, long durableSeq, long nowMs, Database database)
      throws RocksDBException {
    if (seq > durableSeq) {
      return true; // of the commit that is being built
    }
    if (seq != stampedSeq) {
      stampMs = StoredTopic.stampMs(database, inbox, seq);
      stampedSeq = seq;
    }
    Duration age = Duration.ofMillis(nowMs - stampMs);
    return age.compareTo(Retention.UNREAD_STAYS) < 0;
  }
}

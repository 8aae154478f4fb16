package io.gochat.server.embedded;

import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import io.gochat.server.messaging.Retention;
import java.time.Duration;
import org.rocksdb.RocksDBException;

/**
 * What the committer knows of an inbox beyond its ends: what its owner has read, and who fills it. Confined to the
 * committer thread; forgotten with the tail.
 */
final class InboxState {
  private static final long UNKNOWN = -1;

  private final TopicTail tail;
  private final UnreadCounts unread = new UnreadCounts();
  private long acknowledged = UNKNOWN;
  /** The stamp of {@link #stampedSeq}, so that an inbox of unread messages is not looked into at each publish. */
  private long stampMs;

  private long stampedSeq;

  InboxState(TopicTail tail) {
    this.tail = tail;
  }

  UnreadCounts unread() {
    return unread;
  }

  /** Whether {@code sender} may have one more than {@code most} that are not acknowledged. */
  boolean hasRoom(long sender, long most, Database database) throws RocksDBException {
    if (unread.of(sender) < most) {
      return true;
    }
    long upTo = Math.min(acknowledged(database), tail.lastSeq());
    unread.countOff(sender, tail.topic(), upTo, tail.nextSeq() - 1 - upTo, database);
    return unread.of(sender) < most;
  }

  /** The highest that any device has acknowledged; looked up when it is first asked for. */
  long acknowledged(Database database) throws RocksDBException {
    if (acknowledged == UNKNOWN) {
      AcknowledgedPosition highest =
          StoredPosition.highest(database, tail.topic().id(), tail.epoch());
      acknowledged = highest.epoch() == tail.epoch() ? highest.seq() : 0;
    }
    return acknowledged;
  }

  void acknowledge(long seq) {
    if (acknowledged != UNKNOWN) {
      acknowledged = Math.max(acknowledged, seq);
    }
    if (seq >= tail.nextSeq() - 1) {
      unread.clear();
    }
  }

  /** The first message that must stay, though all before {@code keepFrom} might go by their number. */
  long keepFrom(long keepFrom, long nowMs, Database database) throws RocksDBException {
    long firstUnread = Math.max(acknowledged(database) + 1, tail.stagedFirstSeq());
    if (firstUnread >= keepFrom || isYoung(firstUnread, nowMs, database)) {
      return Math.min(firstUnread, keepFrom);
    }
    long old = firstUnread;
    long young = keepFrom;
    while (young - old > 1) { // stamps of a topic ascend
      long middle = old + (young - old) / 2;
      if (isYoung(middle, nowMs, database)) {
        young = middle;
      } else {
        old = middle;
      }
    }
    return young;
  }

  private boolean isYoung(long seq, long nowMs, Database database) throws RocksDBException {
    if (seq > tail.lastSeq()) {
      return true; // of the commit that is being built
    }
    if (seq != stampedSeq) {
      stampMs = StoredTopic.stampMs(database, tail.topic(), seq);
      stampedSeq = seq;
    }
    Duration age = Duration.ofMillis(nowMs - stampMs);
    return age.compareTo(Retention.UNREAD_STAYS) < 0;
  }
}

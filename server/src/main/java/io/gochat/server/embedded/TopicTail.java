package io.gochat.server.embedded;

import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Where a topic's log begins and ends. The published bounds may be read by any thread; everything else, and every
 * change, is confined to the committer thread.
 */
final class TopicTail {
  private final Topic topic;
  private final long epoch;
  private volatile long firstSeq;
  private volatile long lastSeq;

  /** Appended by the commit that is being built, durable once it is written. */
  private List<LoggedMessage> staged = new ArrayList<>();

  private long stagedFirstSeq;
  /** Of the last message, staged ones included; 0: there is none. */
  private long lastStampMs;
  /** Of an inbox, once it was needed. */
  private @Nullable InboxState inbox;
  /** When the committer last used this; for eviction. */
  private long usedInCommit;
  /** The commit that last changed this; one of them only lists it once. */
  private long touchedInCommit;

  TopicTail(Topic topic, long epoch, long firstSeq, long lastSeq, long lastStampMs) {
    this.topic = topic;
    this.epoch = epoch;
    this.firstSeq = firstSeq;
    this.lastSeq = lastSeq;
    this.stagedFirstSeq = firstSeq;
    this.lastStampMs = lastStampMs;
  }

  Topic topic() {
    return topic;
  }

  long epoch() {
    return epoch;
  }

  long firstSeq() {
    return firstSeq;
  }

  long lastSeq() {
    return lastSeq;
  }

  long nextSeq() {
    return lastSeq + staged.size() + 1;
  }

  /** The time to put on the next message: now, but never before the one ahead of it. */
  long stamp(long nowMs) {
    lastStampMs = Math.max(lastStampMs, nowMs);
    return lastStampMs;
  }

  /** Of an inbox: whether {@code sender} may have one more than {@code most} that nobody has read. */
  boolean hasRoom(long sender, long most, Database database) throws RocksDBException {
    return inbox().hasRoom(sender, most, lastSeq, nextSeq() - 1, database);
  }

  /** Of an inbox: the next message is {@code sender}'s. */
  void countUnread(long sender) {
    inbox().published(sender, nextSeq() - 1);
  }

  /** Of an inbox: the first that must stay, though all before {@code keepFrom} might go by their number. */
  long keepUnread(long keepFrom, long nowMs, Database database) throws RocksDBException {
    return inbox().keepFrom(keepFrom, stagedFirstSeq, lastSeq, nowMs, database);
  }

  private InboxState inbox() {
    InboxState known = inbox;
    if (known == null) {
      known = new InboxState(topic, epoch);
      inbox = known;
    }
    return known;
  }

  /** A device of the inbox's owner has acknowledged up to {@code seq}. */
  void acknowledge(long seq) {
    if (inbox != null) {
      inbox.acknowledge(seq, nextSeq() - 1);
    }
  }

  void stage(LoggedMessage message) {
    staged.add(message);
  }

  long stagedFirstSeq() {
    return stagedFirstSeq;
  }

  void stageFirstSeq(long seq) {
    stagedFirstSeq = seq;
  }

  /** The commit is written: publishes its bounds and hands out what it appended. */
  List<LoggedMessage> publish() {
    List<LoggedMessage> messages = staged;
    if (!messages.isEmpty()) {
      staged = new ArrayList<>(Math.max(4, messages.size()));
      lastSeq = messages.get(messages.size() - 1).seq();
    }
    firstSeq = stagedFirstSeq;
    return messages;
  }

  long touchedInCommit() {
    return touchedInCommit;
  }

  void touchedInCommit(long commit) {
    touchedInCommit = commit;
  }

  long usedInCommit() {
    return usedInCommit;
  }

  void usedInCommit(long commit) {
    usedInCommit = commit;
  }
}

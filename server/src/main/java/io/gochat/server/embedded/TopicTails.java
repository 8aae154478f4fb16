package io.gochat.server.embedded;

import io.gochat.server.messaging.Topic;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The tails of recently published topics. Any thread may look one up; only the committer thread adds and evicts, so
 * that no reader can put an old tail back after a commit moved it. What is not here is read from the database, which
 * shows exactly what is durable: RocksDB makes a synced write visible after its sync.
 */
final class TopicTails {
  private static final int CAPACITY = 65_536;

  private final ConcurrentHashMap<Topic, TopicTail> tails = new ConcurrentHashMap<>();
  private final int capacity;

  TopicTails() {
    this(CAPACITY);
  }

  TopicTails(int capacity) {
    this.capacity = capacity;
  }

  /** The tail, if it is known here. Any thread. */
  @Nullable
  TopicTail cached(Topic topic) {
    return tails.get(topic);
  }

  /** The tail, loaded when it is not known. Committer thread. */
  TopicTail load(Topic topic, Database database, long epoch, long commit) throws RocksDBException {
    TopicTail tail = tails.get(topic);
    if (tail == null) {
      Bounds bounds = read(database, topic);
      tail = new TopicTail(
          topic,
          epoch,
          bounds.firstSeq(),
          bounds.lastSeq(),
          stampMs(database, topic, bounds.lastSeq()));
      tails.put(topic, tail);
    }
    tail.usedInCommit(commit);
    return tail;
  }

  /** Drops the least recently used half when there are too many; none of them may have anything staged. */
  void evict() {
    if (tails.size() <= capacity) {
      return;
    }
    long[] uses = tails.values().stream().mapToLong(TopicTail::usedInCommit).toArray();
    Arrays.sort(uses);
    long median = uses[uses.length / 2];
    tails.values().removeIf(tail -> tail.usedInCommit() <= median);
  }

  /** Forgets everything: the database was reopened. Committer thread. */
  void clear() {
    tails.clear();
  }

  Iterable<TopicTail> all() {
    return tails.values();
  }

  int size() {
    return tails.size();
  }

  /** What the database says. A topic that was never written begins at 1 and ends at 0. */
  static Bounds read(Database database, Topic topic) throws RocksDBException {
    long firstSeq = firstSeq(database, topic);
    while (true) {
      long lastSeq = lastSeq(database, topic, firstSeq);
      if (lastSeq >= firstSeq) {
        return new Bounds(firstSeq, lastSeq);
      }
      // Nothing is retained; or everything was trimmed between the two reads, and its bound says
      // how far it went.
      long again = firstSeq(database, topic);
      if (again == firstSeq) {
        return new Bounds(firstSeq, firstSeq - 1);
      }
      firstSeq = again;
    }
  }

  /** When a message was made; 0: it is not there. */
  static long stampMs(Database database, Topic topic, long seq) throws RocksDBException {
    byte[] value = database.get(Family.MESSAGES, Keys.message(topic, seq));
    try {
      return value == null ? 0 : MessageCodec.createdAtMs(MessageCodec.stored(value));
    } catch (MessageCodec.UnreadableMessageException e) {
      throw new RocksDBException("message " + seq + " of " + topic + " cannot be read: " + e);
    }
  }

  private static long firstSeq(Database database, Topic topic) throws RocksDBException {
    byte[] trimmed = database.get(Family.TOPICS, Keys.topic(topic));
    return trimmed == null ? 1 : Keys.toLong(trimmed);
  }

  /** 0: there is no message from {@code firstSeq} on. */
  private static long lastSeq(Database database, Topic topic, long firstSeq)
      throws RocksDBException {
    try (Database.Scan scan = database.scan(
        Family.MESSAGES, Keys.message(topic, firstSeq), Keys.message(topic, Long.MAX_VALUE))) {
      return scan.last() ? Keys.toSeq(scan.key()) : 0;
    }
  }

  /** The first retained sequence and the last one given out. */
  record Bounds(long firstSeq, long lastSeq) {}
}

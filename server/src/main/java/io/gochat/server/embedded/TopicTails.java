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
      StoredTopic stored = StoredTopic.read(database, topic);
      tail = new TopicTail(
          topic,
          epoch,
          stored.firstSeq(),
          stored.lastSeq(),
          StoredTopic.stampMs(database, topic, stored.lastSeq()));
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

  /** For tests: how many are in memory. */
  int size() {
    return tails.size();
  }
}

package io.gochat.server.embedded;

import io.gochat.server.messaging.Topic;
import org.rocksdb.RocksDBException;

/**
 * Where a topic's log begins and ends on the disk. Immutable.
 *
 * @param firstSeq the first that is retained
 * @param lastSeq the last one given out
 */
record StoredTopic(long firstSeq, long lastSeq) {
  /** What the database says. A topic that was never written begins at 1 and ends at 0. */
  static StoredTopic read(Database database, Topic topic) throws RocksDBException {
    long firstSeq = firstSeq(database, topic);
    while (true) {
      long lastSeq = lastSeq(database, topic, firstSeq);
      if (lastSeq >= firstSeq) {
        return new StoredTopic(firstSeq, lastSeq);
      }
      // Nothing is retained; or everything was trimmed between
      // the two reads, and its bound says how far it went.
      long again = firstSeq(database, topic);
      if (again == firstSeq) {
        return new StoredTopic(firstSeq, firstSeq - 1);
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
}

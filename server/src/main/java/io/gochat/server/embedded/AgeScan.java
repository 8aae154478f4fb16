package io.gochat.server.embedded;

import io.gochat.server.messaging.Topic;
import java.io.IOException;
import java.util.List;
import org.rocksdb.RocksDBException;

/**
 * Walks over all topics, looking at the oldest message of each, and finds how many are too old. Confined to one thread;
 * goes in steps, so that nobody who wants to reopen the store waits for all of it.
 */
final class AgeScan {
  private static final int TOPICS_PER_STEP = 512;
  private static final byte[] END = {(byte) 0xff};

  private final long oldestMs;
  private byte[] next = new byte[0];

  /** Looks for messages made before {@code oldestMs}. */
  AgeScan(long oldestMs) {
    this.oldestMs = oldestMs;
  }

  /**
   * What may go.
   *
   * @param keepFrom the first sequence that stays
   */
  record Cut(Topic topic, long keepFrom) {}

  /** Adds the cuts of the next topics; false when that were all. */
  boolean some(Database database, List<Cut> cuts) throws RocksDBException, IOException {
    try (Database.Scan scan = database.scan(Family.MESSAGES, next, END)) {
      boolean more = scan.first();
      for (int looked = 0; more && looked < TOPICS_PER_STEP; looked++) {
        Topic topic = Keys.toTopic(scan.key());
        if (isOld(scan.value())) {
          cuts.add(new Cut(topic, keepFrom(database, topic, Keys.toSeq(scan.key()))));
        }
        next = Keys.message(topic, Long.MAX_VALUE);
        more = scan.seek(next);
      }
      return more;
    }
  }

  private boolean isOld(byte[] value) throws IOException {
    return MessageCodec.createdAtMs(MessageCodec.stored(value)) < oldestMs;
  }

  /** The messages of a topic are in the order of their time, but for a clock that was set back: halving finds the cut. */
  private long keepFrom(Database database, Topic topic, long oldSeq)
      throws RocksDBException, IOException {
    long old = oldSeq;
    long young = TopicTails.read(database, topic).lastSeq() + 1;
    while (young - old > 1) {
      long middle = old + (young - old) / 2;
      byte[] value = database.get(Family.MESSAGES, Keys.message(topic, middle));
      if (value == null || isOld(value)) { // absent: trimmed since
        old = middle;
      } else {
        young = middle;
      }
    }
    return young;
  }
}

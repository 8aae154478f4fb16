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
  private static final long MESSAGES_PER_STEP = 10_000;
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

  /** Adds the cuts of the next topics; false when that were all. Those of one step must be made before the next. */
  boolean some(Database database, List<Cut> cuts) throws RocksDBException, IOException {
    long left = MESSAGES_PER_STEP;
    try (Database.Scan scan = database.scan(Family.MESSAGES, next, END)) {
      boolean more = scan.first();
      for (int looked = 0; more && looked < TOPICS_PER_STEP; looked++) {
        Topic topic = Keys.toTopic(scan.key());
        long firstSeq = Keys.toSeq(scan.key());
        long keepFrom = keepFrom(scan, topic, left);
        if (keepFrom > firstSeq) {
          cuts.add(new Cut(topic, keepFrom));
          left -= keepFrom - firstSeq;
        }
        next = Keys.message(topic, left == 0 ? keepFrom : Long.MAX_VALUE);
        if (left == 0) {
          return true;
        }
        more = scan.seek(next);
      }
      return more;
    }
  }

  /**
   * Message by message, and no further than the first that is young: what was stamped by a clock that was wrong for a
   * while lies behind others, and must not take them along.
   */
  private long keepFrom(Database.Scan scan, Topic topic, long most)
      throws RocksDBException, IOException {
    long keepFrom = Keys.toSeq(scan.key());
    long end = keepFrom + most;
    while (keepFrom < end && isOld(scan.value())) {
      keepFrom++;
      if (!scan.next() || !Keys.toTopic(scan.key()).equals(topic)) {
        break;
      }
    }
    return keepFrom;
  }

  private boolean isOld(byte[] value) throws IOException {
    return MessageCodec.createdAtMs(MessageCodec.stored(value)) < oldestMs;
  }
}

package io.gochat.server.embedded;

import io.gochat.server.messaging.Topic;
import java.util.List;
import org.rocksdb.RocksDBException;

/**
 * Walks over all topics and finds those that have more messages than they should: nobody has written to them since the
 * count was lowered. Confined to one thread; goes in steps, like {@link AgeScan}.
 */
final class CountScan {
  private static final int TOPICS_PER_STEP = 512;
  private static final byte[] END = {(byte) 0xff};

  private final long count;
  private byte[] next = new byte[0];

  /** Looks for topics of more than {@code count} messages. */
  CountScan(long count) {
    this.count = count;
  }

  /** Adds those among the next topics; false when that were all. */
  boolean some(Database database, List<Topic> over) throws RocksDBException {
    try (Database.Scan scan = database.scan(Family.MESSAGES, next, END)) {
      boolean more = scan.first();
      for (int looked = 0; more && looked < TOPICS_PER_STEP; looked++) {
        Topic topic = Keys.toTopic(scan.key());
        StoredTopic bounds = StoredTopic.read(database, topic);
        if (bounds.lastSeq() - bounds.firstSeq() >= count) {
          over.add(topic);
        }
        next = Keys.message(topic, Long.MAX_VALUE);
        more = scan.seek(next);
      }
      return more;
    }
  }
}

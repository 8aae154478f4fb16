package io.gochat.server.embedded;

import io.gochat.server.messaging.Topic;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.rocksdb.RocksDBException;

/**
 * How many messages of each sender lie unacknowledged in one inbox, as far as they were published since this process
 * knows the inbox. Confined to the committer thread.
 *
 * <p>Counting up is all that a publish does. What was acknowledged meanwhile is only counted off for a sender who has come
 * to the bound, and each message at most once: so neither costs more than the messages themselves.
 */
final class UnreadCounts {
  /** Beyond it those who sent least are forgotten; they are far from any bound. */
  private static final int MOST_SENDERS = 1_024;

  private final Map<Long, Count> bySender = new HashMap<>();

  private static final class Count {
    long messages;
    /** None of them is here or before it. */
    long countedTo;

    Count(long countedTo) {
      this.countedTo = countedTo;
    }
  }

  /** At most so many of {@code sender}; some may have been acknowledged since. */
  long of(long sender) {
    Count count = bySender.get(sender);
    return count == null ? 0 : count.messages;
  }

  /** The messages of {@code sender} up to {@code acknowledged} no longer count; {@code behind} it are so many. */
  void countOff(long sender, Topic inbox, long acknowledged, long behind, Database database)
      throws RocksDBException {
    Count count = bySender.get(sender);
    if (count != null && acknowledged > count.countedTo) {
      count.messages -= ofSender(sender, inbox, count.countedTo + 1, acknowledged, database);
      count.messages = Math.min(count.messages, behind); // some are gone
      count.countedTo = acknowledged;
    }
  }

  /** One more of {@code sender}, behind {@code lastSeq}. */
  void published(long sender, long lastSeq) {
    bySender.computeIfAbsent(sender, key -> new Count(lastSeq)).messages++;
    if (bySender.size() > MOST_SENDERS) {
      forgetSmallHalf();
    }
  }

  /** Everything was acknowledged. */
  void clear() {
    bySender.clear();
  }

  private void forgetSmallHalf() {
    long median = bySender.values().stream()
        .mapToLong(count -> count.messages)
        .sorted()
        .skip(MOST_SENDERS / 2)
        .findFirst()
        .orElse(0);
    Iterator<Count> counts = bySender.values().iterator();
    int left = MOST_SENDERS / 2;
    while (counts.hasNext() && left > 0) {
      if (counts.next().messages <= median) {
        counts.remove();
        left--;
      }
    }
  }

  private static long ofSender(
      long sender, Topic inbox, long fromSeq, long toSeq, Database database)
      throws RocksDBException {
    long messages = 0;
    try (Database.Scan scan = database.scan(
        Family.MESSAGES, Keys.message(inbox, fromSeq), Keys.message(inbox, toSeq + 1))) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        messages += MessageCodec.fromUserId(scan.value()) == sender ? 1 : 0;
      }
    }
    return messages;
  }
}

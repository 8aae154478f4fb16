package io.gochat.server.embedded;

import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.Outbox.Recorded;
import io.gochat.server.messaging.OutboxRecord;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicFilter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which messages are recorded in the outbox, and who hears of it. {@link #wanted(TopicFilter)} and
 * {@link #listener(Outbox.Listener)} are thread-safe; the rest is the committer's.
 */
final class Recording {
  private static final Logger log = LoggerFactory.getLogger(Recording.class);

  private volatile TopicFilter wanted = TopicFilter.NONE;
  private volatile Outbox.Listener listener = new NobodyListens();

  void wanted(TopicFilter topics) {
    wanted = topics;
  }

  TopicFilter wanted() {
    return wanted;
  }

  void listener(Outbox.Listener hears) {
    listener = hears;
  }

  /** These are on the disk. */
  void tell(List<OutboxRecord> records) {
    if (records.isEmpty()) {
      return;
    }
    Map<Topic, List<OutboxRecord>> byTopic = new LinkedHashMap<>();
    for (OutboxRecord record : records) {
      byTopic.computeIfAbsent(record.topic(), any -> new ArrayList<>(2)).add(record);
    }
    List<Recorded> recorded = new ArrayList<>(byTopic.size());
    byTopic.forEach((topic, ofTopic) -> recorded.add(new Recorded(
        topic,
        ofTopic.get(ofTopic.size() - 1).position(),
        ofTopic.stream().mapToLong(OutboxRecord::bytes).sum(),
        ofTopic)));
    try {
      listener.recorded(recorded);
    } catch (RuntimeException | Error e) {
      log.error("who tells others of messages threw; what was recorded is read again", e);
      lookAgain();
    }
  }

  /** The store was opened anew: more may have been written than was told. */
  void lookAgain() {
    try {
      listener.lookAgain();
    } catch (RuntimeException | Error e) {
      log.error("who tells others of messages threw", e);
    }
  }

  /** Until somebody does. */
  private static final class NobodyListens implements Outbox.Listener {
    @Override
    public void recorded(List<Recorded> recorded) {}

    @Override
    public void lookAgain() {}
  }
}

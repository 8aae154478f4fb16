package io.gochat.server.contract;

import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes note of what it hears, and of what it should never hear. Thread-safe. */
public final class RecordingListener implements CommitListener {
  private final Map<Topic, Long> ends = new ConcurrentHashMap<>();
  private final Map<Topic, List<Long>> messageIds = new ConcurrentHashMap<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private final List<Long> epochs = new CopyOnWriteArrayList<>();

  @Override
  public synchronized void committed(List<TopicBatch> batches) {
    if (batches.stream().map(TopicBatch::topic).distinct().count() != batches.size()) {
      problems.add("a topic is twice in one commit: " + batches);
    }
    for (TopicBatch batch : batches) {
      long end = ends.getOrDefault(batch.topic(), 0L);
      for (LoggedMessage message : batch.messages()) {
        if (message.seq() != end + 1) {
          problems.add(batch.topic() + ": " + message.seq() + " after " + end);
        }
        end = message.seq();
        messageIds
            .computeIfAbsent(batch.topic(), topic -> new ArrayList<>())
            .add(message.messageId());
      }
      ends.put(batch.topic(), end);
    }
  }

  @Override
  public synchronized void advanced(Topic topic, long lastSeq) {
    ends.merge(topic, lastSeq, Math::max);
  }

  @Override
  public synchronized void epochChanged(long epoch) {
    epochs.add(epoch);
  }

  /** The end of the topic, as far as it was told; 0: nothing was. */
  public long end(Topic topic) {
    return ends.getOrDefault(topic, 0L);
  }

  /** The ids of the messages that were handed over, in that order. */
  public synchronized List<Long> messageIds(Topic topic) {
    return List.copyOf(messageIds.getOrDefault(topic, List.of()));
  }

  /** Holes, repetitions and other breaches. */
  public List<String> problems() {
    return problems;
  }

  /** Epochs that were told. */
  public List<Long> epochs() {
    return epochs;
  }
}

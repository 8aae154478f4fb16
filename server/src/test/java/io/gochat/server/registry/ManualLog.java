package io.gochat.server.registry;

import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.messaging.TopicState;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * A log in memory whose every step happens when the test says so: a read is judged and answered at one moment, the
 * commit is shown first and notified later, now and then a notification is lost. Confined to the test's thread.
 */
final class ManualLog implements MessageLog {
  private final Map<Topic, TopicLog> topics = new HashMap<>();
  private final List<Runnable> pendingReads = new ArrayList<>();
  private final Deque<List<TopicBatch>> pendingNotifications = new ArrayDeque<>();
  /** By epoch and topic, up to which sequence it is still there. */
  private final Map<Long, Map<Topic, Long>> keptOf = new HashMap<>();

  private final Random random;
  private long epoch = 1;
  int readsPerCall = 5;

  ManualLog(Random random) {
    this.random = random;
  }

  private static final class TopicLog {
    final List<LoggedMessage> retained = new ArrayList<>();
    long last;
  }

  /** Appends {@code count} messages to the topic; they are readable now, and notified by {@link #notifyNext}. */
  void commit(Topic topic, int count) {
    TopicLog log = log(topic);
    List<LoggedMessage> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      log.last++;
      LoggedMessage message = new LoggedMessage(log.last, log.last, text(topic));
      batch.add(message);
      log.retained.add(message);
    }
    pendingNotifications.add(List.of(new TopicBatch(topic, epoch, batch)));
  }

  private byte[] text(Topic topic) {
    ByteBuffer bytes = ByteBuffer.allocate(9 + random.nextInt(40));
    bytes.put((byte) (topic.isInbox() ? 1 : 0)).putLong(topic.id());
    return bytes.array();
  }

  void trim(Topic topic, int keep) {
    List<LoggedMessage> retained = log(topic).retained;
    while (retained.size() > keep) {
      retained.remove(0);
    }
  }

  /** Forgets everything, as a store that was begun anew would, or loses the ends of its topics. */
  void startEpoch(CommitListener listener) {
    keptOf.put(epoch, new HashMap<>());
    epoch++;
    if (random.nextBoolean()) {
      topics.clear();
      keptOf.clear();
    } else {
      topics.forEach(this::loseEnd);
    }
    pendingNotifications.clear();
    listener.epochChanged(epoch);
  }

  private void loseEnd(Topic topic, TopicLog log) {
    int lost = random.nextInt(3);
    while (lost-- > 0 && !log.retained.isEmpty()) {
      log.retained.remove(log.retained.size() - 1);
      log.last--;
    }
    long kept = log.retained.isEmpty() ? 0 : log.last;
    keptOf.values().forEach(ofEpoch -> ofEpoch.merge(topic, kept, Math::min));
  }

  @Override
  public CompletableFuture<Long> keptUntil(Topic topic, long past) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    pendingReads.add(
        () -> answer.complete(keptOf.getOrDefault(past, Map.of()).getOrDefault(topic, 0L)));
    return answer;
  }

  long last(Topic topic) {
    return log(topic).last;
  }

  long first(Topic topic) {
    TopicLog log = log(topic);
    return log.retained.isEmpty() ? log.last + 1 : log.retained.get(0).seq();
  }

  boolean hasPendingReads() {
    return !pendingReads.isEmpty();
  }

  boolean hasPendingNotifications() {
    return !pendingNotifications.isEmpty();
  }

  void answerOneRead() {
    if (!pendingReads.isEmpty()) {
      pendingReads.remove(random.nextInt(pendingReads.size())).run();
    }
  }

  void notifyNext(CommitListener listener) {
    List<TopicBatch> batches = pendingNotifications.poll();
    if (batches != null) {
      listener.committed(batches);
    }
  }

  /** The next notification is lost; later the topic's end alone is told, or the next batch shows the hole. */
  void loseNext(CommitListener listener) {
    List<TopicBatch> batches = pendingNotifications.poll();
    if (batches != null && random.nextBoolean()) {
      TopicBatch batch = batches.get(0);
      listener.advanced(batch.topic(), batch.lastSeq());
    }
  }

  private TopicLog log(Topic topic) {
    return topics.computeIfAbsent(topic, key -> new TopicLog());
  }

  @Override
  public CompletableFuture<PublishResult> publish(Publication publication) {
    throw new UnsupportedOperationException("the test commits by itself");
  }

  @Override
  public CompletableFuture<TopicState> state(Topic topic, long probeSeq) {
    CompletableFuture<TopicState> answer = new CompletableFuture<>();
    pendingReads.add(() -> {
      TopicState state = new TopicState(epoch, first(topic), last(topic), 0);
      if (random.nextInt(50) == 0) {
        answer.completeExceptionally(new StoreUnavailableException("for once"));
      } else {
        answer.complete(state);
      }
    });
    return answer;
  }

  @Override
  public CompletableFuture<LogSlice> read(
      Topic topic, long fromSeq, int maxMessages, int maxBytes) {
    CompletableFuture<LogSlice> answer = new CompletableFuture<>();
    pendingReads.add(() -> {
      if (random.nextInt(50) == 0) {
        answer.completeExceptionally(new StoreUnavailableException("for once"));
        return;
      }
      List<LoggedMessage> found = new ArrayList<>();
      for (LoggedMessage message : log(topic).retained) {
        if (message.seq() >= fromSeq && found.size() < readsPerCall) {
          found.add(message);
        }
      }
      answer.complete(new LogSlice(epoch, first(topic), last(topic), found));
    });
    return answer;
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public void listener(CommitListener listener) {
    // the test calls it by itself
  }

  @Override
  public CompletableFuture<Void> watch(Topic topic) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    pendingReads.add(() -> answer.complete(null));
    return answer;
  }

  @Override
  public void unwatch(Topic topic) {
    // every commit is notified
  }
}

package io.gochat.server.registry;

import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.messaging.TopicState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A log in memory that keeps everything and tells its listener on the thread that commits. Thread-safe. */
final class MemoryLog implements MessageLog {
  static final long EPOCH = 1;

  private final Map<Topic, List<LoggedMessage>> topics = new HashMap<>();

  /** How often it was read. */
  final AtomicInteger reads = new AtomicInteger();

  /** Reads are answered when it is done. */
  volatile CompletableFuture<Void> readGate = CompletableFuture.completedFuture(null);

  /** What asks to watch a topic gets a throw. */
  boolean isBroken;

  private CommitListener listener = CommitListener.NOBODY;

  /** Commits the texts as one batch; returns the sequence of the last. */
  long commit(Topic topic, List<byte[]> texts) {
    List<LoggedMessage> batch = new ArrayList<>(texts.size());
    synchronized (this) {
      List<LoggedMessage> all = all(topic);
      for (byte[] text : texts) {
        LoggedMessage message = new LoggedMessage(all.size() + 1L, all.size() + 1L, text);
        all.add(message);
        batch.add(message);
      }
      listener.committed(List.of(new TopicBatch(topic, EPOCH, batch)));
    }
    return batch.get(batch.size() - 1).seq();
  }

  synchronized long last(Topic topic) {
    return all(topic).size();
  }

  private List<LoggedMessage> all(Topic topic) {
    return topics.computeIfAbsent(topic, key -> new ArrayList<>());
  }

  @Override
  public CompletableFuture<TopicState> state(Topic topic, long probeSeq) {
    return CompletableFuture.completedFuture(new TopicState(EPOCH, 1, last(topic), 0));
  }

  @Override
  public synchronized CompletableFuture<LogSlice> read(
      Topic topic, long fromSeq, int maxMessages, int maxBytes) {
    reads.incrementAndGet();
    List<LoggedMessage> all = all(topic);
    List<LoggedMessage> found = new ArrayList<>();
    int bytes = 0;
    for (long seq = Math.max(1, fromSeq); seq <= all.size() && found.size() < maxMessages; seq++) {
      LoggedMessage message = all.get((int) seq - 1);
      bytes += message.bytes().length;
      if (!found.isEmpty() && bytes > maxBytes) {
        break;
      }
      found.add(message);
    }
    LogSlice slice = new LogSlice(EPOCH, 1, all.size(), found);
    return readGate.thenApply(opened -> slice);
  }

  @Override
  public synchronized void listener(CommitListener listener) {
    this.listener = listener;
  }

  @Override
  public CompletableFuture<Void> watch(Topic topic) {
    if (isBroken) {
      throw new IllegalStateException("of a test");
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void unwatch(Topic topic) {
    // every commit is told
  }

  @Override
  public long epoch() {
    return EPOCH;
  }

  @Override
  public CompletableFuture<PublishResult> publish(Publication publication) {
    throw new UnsupportedOperationException("the test commits by itself");
  }
}

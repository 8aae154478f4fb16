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
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A log that is no more than a published tail, the same of every topic. Thread-safe. */
final class TailLog implements MessageLog {
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);
  private static final byte[] NO_TEXT = {};

  /** Where every topic ends. */
  volatile long tail;

  /** Whether the last word was watch, not unwatch. */
  volatile boolean isWatched;

  /** The batch with which {@code topic} got its message {@code seq}. */
  static TopicBatch batch(Topic topic, long seq) {
    return new TopicBatch(topic, 1, List.of(new LoggedMessage(seq, seq, NO_TEXT)));
  }

  @Override
  public CompletableFuture<TopicState> state(Topic topic, long probeSeq) {
    return CompletableFuture.completedFuture(new TopicState(1, 1, tail, 0));
  }

  @Override
  public CompletableFuture<LogSlice> read(
      Topic topic, long fromSeq, int maxMessages, int maxBytes) {
    long last = tail;
    List<LoggedMessage> messages = new ArrayList<>();
    for (long seq = fromSeq; seq <= last; seq++) {
      messages.add(new LoggedMessage(seq, seq, NO_TEXT));
    }
    return CompletableFuture.completedFuture(new LogSlice(1, 1, last, messages));
  }

  @Override
  public CompletableFuture<Void> watch(Topic topic) {
    isWatched = true;
    return DONE;
  }

  @Override
  public void unwatch(Topic topic) {
    isWatched = false;
  }

  @Override
  public long epoch() {
    return 1;
  }

  @Override
  public CompletableFuture<PublishResult> publish(Publication publication) {
    throw new UnsupportedOperationException("the test commits by itself");
  }

  @Override
  public void listener(CommitListener listener) {
    // the test tells the fan-out by itself
  }
}

package io.gochat.bench.jmh;

import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicState;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** An empty log that answers at once: what is measured is the fan-out alone. Stateless. */
final class StubLog implements MessageLog {
  static final long EPOCH = 1;

  @Override
  public CompletableFuture<PublishResult> publish(Publication publication) {
    throw new UnsupportedOperationException("batches are handed to the fan-out directly");
  }

  @Override
  public CompletableFuture<TopicState> state(Topic topic, long probeSeq) {
    return CompletableFuture.completedFuture(new TopicState(EPOCH, 1, 0, 0));
  }

  @Override
  public CompletableFuture<LogSlice> read(
      Topic topic, long fromSeq, int maxMessages, int maxBytes) {
    return CompletableFuture.completedFuture(new LogSlice(EPOCH, 1, 0, List.of()));
  }

  @Override
  public long epoch() {
    return EPOCH;
  }

  @Override
  public void listener(CommitListener listener) {
    // Nothing is ever committed here.
  }

  @Override
  public CompletableFuture<Void> watch(Topic topic) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void unwatch(Topic topic) {
    // Nothing to stop.
  }
}

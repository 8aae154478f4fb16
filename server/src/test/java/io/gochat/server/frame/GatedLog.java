package io.gochat.server.frame;

import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** A real log whose answers can be held back, or made to fail, per kind of call. Thread-safe. */
final class GatedLog implements MessageLog {
  private static final CompletableFuture<Void> OPEN = CompletableFuture.completedFuture(null);

  private final MessageLog log;
  final List<Publication> published = new CopyOnWriteArrayList<>();
  final List<Topic> reads = new CopyOnWriteArrayList<>();
  final List<Topic> states = new CopyOnWriteArrayList<>();

  /** Calls made while a gate is shut are answered when it opens. */
  volatile CompletableFuture<Void> publishGate = OPEN;

  volatile CompletableFuture<Void> stateGate = OPEN;
  volatile CompletableFuture<Void> readGate = OPEN;

  GatedLog(MessageLog log) {
    this.log = log;
  }

  /** A shut gate. */
  static CompletableFuture<Void> shut() {
    return new CompletableFuture<>();
  }

  private static <T> CompletableFuture<T> behind(
      CompletableFuture<Void> gate, Supplier<CompletableFuture<T>> call) {
    return gate == OPEN ? call.get() : gate.thenCompose(opened -> call.get());
  }

  @Override
  public CompletableFuture<PublishResult> publish(Publication publication) {
    published.add(publication);
    CompletableFuture<PublishResult> result = log.publish(publication);
    return behind(publishGate, () -> result);
  }

  @Override
  public CompletableFuture<TopicState> state(Topic topic, long probeSeq) {
    states.add(topic);
    return behind(stateGate, () -> log.state(topic, probeSeq));
  }

  @Override
  public CompletableFuture<LogSlice> read(
      Topic topic, long fromSeq, int maxMessages, int maxBytes) {
    reads.add(topic);
    return behind(readGate, () -> log.read(topic, fromSeq, maxMessages, maxBytes));
  }

  @Override
  public long epoch() {
    return log.epoch();
  }

  @Override
  public void listener(CommitListener listener) {
    log.listener(listener);
  }

  @Override
  public CompletableFuture<Void> watch(Topic topic) {
    return log.watch(topic);
  }

  @Override
  public void unwatch(Topic topic) {
    log.unwatch(topic);
  }
}

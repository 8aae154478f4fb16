package io.gochat.server;

import io.gochat.server.account.AccountStore;
import io.gochat.server.config.ServerConfig;
import io.gochat.server.config.ServerFlags;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicState;
import io.gochat.server.session.SessionStore;
import io.gochat.server.store.Store;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A server that answers success before the message is in the log. Everything else is as it should be, and without a
 * crash nobody could tell.
 */
public final class EarlyAnswerServer {
  private EarlyAnswerServer() {}

  /** Starts it with the flags of the real one. */
  public static void main(String[] args) throws Exception {
    ServerConfig config = ServerFlags.parse(args, Map.of());
    Server server = Server.start(config, Surroundings.ofThisProcess().withStore(Early::new));
    System.out.println(ReadyLine.of(config, server.port()));
    server.awaitClosed();
  }

  /** The real one, but for its log. Thread-safe. */
  private static final class Early implements Store {
    private final Store real;
    private final MessageLog log;

    Early(Store real) {
      this.real = real;
      this.log = new AnswersEarly(real.log());
    }

    @Override
    public AccountStore accounts() {
      return real.accounts();
    }

    @Override
    public SessionStore sessions() {
      return real.sessions();
    }

    @Override
    public MessageLog log() {
      return log;
    }

    @Override
    public PositionStore positions() {
      return real.positions();
    }

    @Override
    public Optional<Outbox> outbox() {
      return real.outbox();
    }

    @Override
    public boolean isReady() {
      return real.isReady();
    }

    @Override
    public void close() {
      real.close();
    }
  }

  /** Answers at once, and writes a moment later. Thread-safe. */
  private static final class AnswersEarly implements MessageLog {
    private static final long LATE_MS = 150;

    private final MessageLog log;
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();

    AnswersEarly(MessageLog log) {
      this.log = log;
    }

    @Override
    public CompletableFuture<PublishResult> publish(Publication publication) {
      later.schedule(() -> log.publish(publication), LATE_MS, TimeUnit.MILLISECONDS);
      return CompletableFuture.completedFuture(new PublishResult.Accepted(0, 0, false));
    }

    @Override
    public CompletableFuture<TopicState> state(Topic topic, long probeSeq) {
      return log.state(topic, probeSeq);
    }

    @Override
    public CompletableFuture<LogSlice> read(
        Topic topic, long fromSeq, int maxMessages, int maxBytes) {
      return log.read(topic, fromSeq, maxMessages, maxBytes);
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
}

package io.gochat.server.redis;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends in batches. {@link #publish} is thread-safe and never blocks; everything else happens on one thread per node,
 * which drains the queue, groups what it finds by topic, sends one script call per topic, all at once, and waits for all
 * answers before it looks at the queue again. So a batch is as large as what came in during the round trip before it,
 * and a topic never has two calls under way: not even the retry after a {@code SCRIPT FLUSH} can change their order.
 */
final class Committer {
  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
  private static final int QUEUE = 16_384;
  private static final int BATCH = 1_024;
  private static final int TOPIC_BATCH = 512;
  private static final int FULL_RETRY_MS = 200;

  private final RedisLink link;
  private final RedisOptions options;
  private final AppendCall append;
  private final Continuity continuity;
  private final Watches watches;
  private final WritePath writes;
  private final ArrayBlockingQueue<Pending> queue = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicLong queuedBytes = new AtomicLong();
  private final Thread thread = new Thread(this::work, "gochat-redis-commit");
  private final Counter refused;
  private final Timer timer;
  private final DistributionSummary sizes;
  private volatile boolean closed;

  /** One publish that waits for its answer. */
  record Pending(Publication publication, CompletableFuture<PublishResult> answer, int bytes) {}

  Committer(
      RedisLink link,
      RedisOptions options,
      Continuity continuity,
      Watches watches,
      WritePath writes,
      InstantSource clock,
      MeterRegistry metrics) {
    this.link = link;
    this.options = options;
    this.append = new AppendCall(options, link.keys(), link.isSharded(), continuity, clock);
    this.continuity = continuity;
    this.watches = watches;
    this.writes = writes;
    this.refused = metrics.counter("gochat.store.refused", "reason", "log_queue_full");
    this.timer = metrics.timer("gochat.log.commit");
    this.sizes = metrics.summary("gochat.log.batch");
    Gauge.builder("gochat.log.queue", queue, ArrayBlockingQueue::size).register(metrics);
    thread.setDaemon(true);
    thread.start();
  }

  CompletableFuture<PublishResult> publish(Publication publication) {
    int bytes = 256 + publication.text().length() * 2;
    if (closed) {
      return CompletableFuture.completedFuture(
          Failures.publish(new IllegalStateException("closed")));
    }
    Pending pending = new Pending(publication, new CompletableFuture<>(), bytes);
    if (queuedBytes.addAndGet(bytes) > options.queuedBytes() || !queue.offer(pending)) {
      queuedBytes.addAndGet(-bytes);
      refused.increment();
      return CompletableFuture.completedFuture(new PublishResult.Refused(
          ErrorKind.OVERLOADED, "too many publishes are waiting for the store", FULL_RETRY_MS));
    }
    return pending.answer;
  }

  /** Commits what is queued, then stops. Blocks until then. */
  void close() throws InterruptedException {
    closed = true;
    thread.join(options.commandTimeout().toMillis() * 3);
    thread.interrupt();
    List<Pending> left = new ArrayList<>();
    queue.drainTo(left);
    fail(left, new IllegalStateException("closed"));
  }

  private void work() {
    List<Pending> batch = new ArrayList<>(BATCH);
    try {
      while (!closed || !queue.isEmpty()) {
        Pending first = queue.poll(50, TimeUnit.MILLISECONDS);
        if (first == null) {
          continue;
        }
        batch.add(first);
        queue.drainTo(batch, BATCH - 1);
        long bytes = 0;
        for (Pending pending : batch) {
          bytes += pending.bytes;
        }
        try {
          commit(batch);
        } catch (RuntimeException e) {
          LOG.error("A batch could not be made", e);
          fail(batch, e);
        }
        queuedBytes.addAndGet(-bytes);
        batch.clear();
      }
    } catch (InterruptedException e) {
      fail(batch, e);
    }
  }

  private void commit(List<Pending> batch) throws InterruptedException {
    long start = System.nanoTime();
    try {
      if (!continuity.isVerified()) {
        await(continuity.verify());
      }
      if (!continuity.hasMessageIds(batch.size())) {
        await(continuity.reserveMessageIds());
        continuity.useReservedIds();
      }
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("Redis cannot be reached", e);
      writes.failed(e, batch.size());
      fail(batch, e);
      return;
    }
    Map<Topic, List<Pending>> byTopic = new LinkedHashMap<>();
    for (Pending pending : batch) {
      byTopic
          .computeIfAbsent(pending.publication.topic(), t -> new ArrayList<>())
          .add(pending);
    }
    while (!byTopic.isEmpty()) {
      commitRound(nextRound(byTopic));
    }
    timer.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    sizes.record(batch.size());
  }

  // One call per topic; what is beyond the size of a call comes in the next round.
  private static List<AppendCall.Call> nextRound(Map<Topic, List<Pending>> byTopic) {
    List<AppendCall.Call> round = new ArrayList<>(byTopic.size());
    byTopic.entrySet().removeIf(entry -> {
      List<Pending> all = entry.getValue();
      int size = Math.min(all.size(), TOPIC_BATCH);
      round.add(new AppendCall.Call(entry.getKey(), List.copyOf(all.subList(0, size))));
      all.subList(0, size).clear();
      return all.isEmpty();
    });
    return round;
  }

  private void commitRound(List<AppendCall.Call> round) throws InterruptedException {
    RedisClusterAsyncCommands<byte[], byte[]> redis = link.commits();
    List<byte[][]> arguments = new ArrayList<>(round.size());
    List<CompletableFuture<List<Object>>> answers = new ArrayList<>(round.size());
    for (AppendCall.Call call : round) {
      byte[][] prepared = append.arguments(call);
      arguments.add(prepared);
      answers.add(append.send(redis, call, prepared, false));
    }
    List<AppendCall.Call> written = new ArrayList<>(round.size());
    List<List<Object>> results = new ArrayList<>(round.size());
    for (int i = 0; i < round.size(); i++) {
      AppendCall.Call call = round.get(i);
      try {
        results.add(answerOf(redis, call, arguments.get(i), answers.get(i)));
        written.add(call);
      } catch (ExecutionException | TimeoutException e) {
        LOG.debug("An append failed", e);
        writes.failed(e, call.pending().size());
        fail(call.pending(), e);
      }
    }
    if (waitForReplicas(written)) {
      for (int i = 0; i < written.size(); i++) {
        answer(written.get(i), results.get(i));
      }
    }
  }

  private List<Object> answerOf(
      RedisClusterAsyncCommands<byte[], byte[]> redis,
      AppendCall.Call call,
      byte[][] arguments,
      CompletableFuture<List<Object>> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return await(answer);
    } catch (ExecutionException e) {
      if (Script.isUnknown(e)) {
        return await(append.send(redis, call, arguments, true));
      }
      throw e;
    }
  }

  private boolean waitForReplicas(List<AppendCall.Call> written) throws InterruptedException {
    int replicas = options.waitForReplicas();
    if (replicas == 0 || written.isEmpty()) {
      return true;
    }
    List<byte[]> keys =
        written.stream().map(call -> link.keys().state(call.topic())).toList();
    try {
      long acknowledged = await(link.waitForReplicas(keys, replicas, options.waitTimeout()));
      if (acknowledged >= replicas) {
        return true;
      }
      LOG.debug("Only {} of {} replicas have a batch", acknowledged, replicas);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("WAIT failed", e);
    }
    for (AppendCall.Call call : written) {
      fail(call.pending(), new IllegalStateException("too few replicas"));
    }
    return false;
  }

  private void answer(AppendCall.Call call, List<Object> results) {
    writes.taken();
    long lastSeq = 0;
    for (int i = 0; i < call.pending().size(); i++) {
      PublishResult result = AppendCall.result((byte[]) results.get(i));
      if (result instanceof PublishResult.Accepted accepted && !accepted.duplicate()) {
        lastSeq = accepted.seq();
        continuity.saw(call.topic(), accepted.seq(), accepted.messageId());
      }
      call.pending().get(i).answer.complete(result);
    }
    if (lastSeq > 0) {
      watches.expect(call.topic(), lastSeq);
    }
  }

  private static void fail(List<Pending> pending, Throwable failure) {
    PublishResult result = Failures.publish(failure);
    for (Pending one : pending) {
      one.answer.complete(result);
    }
  }

  private <T> T await(CompletionStage<T> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    // The client's own timeout comes first; this one is for the case that it does not.
    long timeoutMs = options.commandTimeout().toMillis() + options.waitTimeout().toMillis() + 500;
    return answer.toCompletableFuture().get(timeoutMs, TimeUnit.MILLISECONDS);
  }
}

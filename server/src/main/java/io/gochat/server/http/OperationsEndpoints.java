package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Health, readiness and metrics. Thread-safe. */
final class OperationsEndpoints {
  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final int WAITING_SCRAPES = 8;
  private static final int RETRY_MS = 1_000;

  private final byte @Nullable [] metricsToken;
  private final BooleanSupplier ready;
  private final Supplier<String> metrics;
  private final Executor scraper = newScraper();

  OperationsEndpoints(HttpOptions options, BooleanSupplier ready, Supplier<String> metrics) {
    String token = options.metricsToken();
    this.metricsToken = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    this.ready = ready;
    this.metrics = metrics;
  }

  CompletableFuture<Reply> answer(Endpoint endpoint, Call call) {
    return switch (endpoint) {
      case HEALTH, LIVE -> CompletableFuture.completedFuture(Reply.DONE);
      case READY -> CompletableFuture.completedFuture(ready());
      case METRICS -> metrics(call);
      default -> throw new IllegalStateException("not of operations: " + endpoint);
    };
  }

  private Reply ready() {
    return ready.getAsBoolean()
        ? Reply.DONE
        : HttpErrors.reply(Endpoint.READY, ErrorKind.NOT_READY, "", RETRY_MS);
  }

  private CompletableFuture<Reply> metrics(Call call) {
    if (!mayReadMetrics(call)) {
      return CompletableFuture.completedFuture(
          HttpErrors.reply(Endpoint.METRICS, ErrorKind.TOKEN_INVALID, "", 0));
    }
    try {
      return CompletableFuture.supplyAsync(
          () -> Reply.text(PROMETHEUS_TEXT, metrics.get()), scraper);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(
          HttpErrors.reply(Endpoint.METRICS, ErrorKind.OVERLOADED, "", RETRY_MS));
    }
  }

  /** A proxy on this machine is on loopback too, but whom it speaks for is not. */
  private boolean mayReadMetrics(Call call) {
    if (metricsToken != null) {
      String bearer = call.head().bearer();
      return bearer != null
          && MessageDigest.isEqual(metricsToken, bearer.getBytes(StandardCharsets.UTF_8));
    }
    if (call.origin().surface() == Surface.OPERATIONS) {
      return true; // who reaches that port is its network's business
    }
    boolean isForwarded = call.head().forwardedFor() != null;
    return call.origin().peer().isLoopbackAddress() && !isForwarded;
  }

  /** One thread that is there while it is needed: a scrape walks all meters, too long for an event loop. */
  private static Executor newScraper() {
    ThreadPoolExecutor executor = new ThreadPoolExecutor(
        1,
        1,
        10,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(WAITING_SCRAPES),
        new DefaultThreadFactory("gochat-metrics", true));
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }
}

package io.gochat.server.http;

import io.gochat.server.metrics.Histograms;
import io.gochat.server.metrics.RefusedCommands;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What is counted of the HTTP side; every meter exists from the start, so that none is looked up. Thread-safe. */
final class HttpMetrics {
  private final Map<Endpoint, Meters> endpoints = new EnumMap<>(Endpoint.class);
  private final Meters elsewhere;
  private final RefusedCommands refused;
  private final LongAdder inFlight = new LongAdder();

  HttpMetrics(MeterRegistry registry) {
    for (Endpoint endpoint : Endpoint.values()) {
      endpoints.put(endpoint, Meters.of(registry, endpoint.tag()));
    }
    elsewhere = Meters.of(registry, "none");
    refused = new RefusedCommands(registry);
    Gauge.builder("gochat.http.in.flight", inFlight, LongAdder::doubleValue)
        .description("Requests that are complete and wait for their answer")
        .register(registry);
  }

  /** A request is complete and waits for its answer. */
  void started() {
    inFlight.increment();
  }

  /** It needs none any more, or has got it. */
  void finished() {
    inFlight.decrement();
  }

  /** A request was answered {@code tookNanos} after it was complete. */
  void answered(@Nullable Endpoint endpoint, Reply reply, long tookNanos) {
    of(endpoint).latency.record(tookNanos, TimeUnit.NANOSECONDS);
    cutOff(endpoint, reply);
  }

  /** A request was answered before it was complete. */
  void cutOff(@Nullable Endpoint endpoint, Reply reply) {
    count(of(endpoint).byStatus.get(reply.status()));
    if (reply.error() != null) {
      refused.count(reply.error(), "HTTP " + (endpoint == null ? "" : endpoint.path()));
    }
  }

  /** A client did not take its answer in time. */
  void stalled() {
    refused.countAnswerNotRead();
  }

  /** Requests that wait for their answer. */
  long inFlight() {
    return inFlight.sum();
  }

  private Meters of(@Nullable Endpoint endpoint) {
    return endpoint == null ? elsewhere : endpoints.getOrDefault(endpoint, elsewhere);
  }

  private static void count(@Nullable Counter counter) {
    if (counter != null) {
      counter.increment();
    }
  }

  private record Meters(Map<Status, Counter> byStatus, Timer latency) {
    static Meters of(MeterRegistry registry, String endpoint) {
      Map<Status, Counter> byStatus = new EnumMap<>(Status.class);
      for (Status status : Status.values()) {
        byStatus.put(
            status,
            Counter.builder("gochat.http.requests")
                .description("Answered requests")
                .tag("endpoint", endpoint)
                .tag("status", Integer.toString(status.code()))
                .register(registry));
      }
      Timer latency = Histograms.timer(
              "gochat.http.latency", "From the last byte of a request to its answer being written")
          .tag("endpoint", endpoint)
          .register(registry);
      return new Meters(byStatus, latency);
    }
  }
}

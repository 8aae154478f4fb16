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
final class HttpMeters {
  private final Map<Endpoint, OfEndpoint> endpoints = new EnumMap<>(Endpoint.class);
  private final OfEndpoint elsewhere;
  private final RefusedCommands refused;
  private final LongAdder inFlight = new LongAdder();

  HttpMeters(MeterRegistry meters) {
    for (Endpoint endpoint : Endpoint.values()) {
      endpoints.put(endpoint, OfEndpoint.of(meters, endpoint.tag()));
    }
    elsewhere = OfEndpoint.of(meters, "none");
    refused = new RefusedCommands(meters);
    Gauge.builder("gochat.http.in.flight", inFlight, LongAdder::doubleValue)
        .description("Requests that are complete and wait for their answer")
        .register(meters);
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

  private OfEndpoint of(@Nullable Endpoint endpoint) {
    return endpoint == null ? elsewhere : endpoints.getOrDefault(endpoint, elsewhere);
  }

  private static void count(@Nullable Counter counter) {
    if (counter != null) {
      counter.increment();
    }
  }

  private record OfEndpoint(Map<Status, Counter> byStatus, Timer latency) {
    static OfEndpoint of(MeterRegistry meters, String endpoint) {
      Map<Status, Counter> byStatus = new EnumMap<>(Status.class);
      for (Status status : Status.values()) {
        byStatus.put(
            status,
            Counter.builder("gochat.http.requests")
                .description("Answered requests")
                .tag("endpoint", endpoint)
                .tag("status", Integer.toString(status.code()))
                .register(meters));
      }
      Timer latency = Histograms.timer(
              "gochat.http.latency", "From the last byte of a request to its answer being written")
          .tag("endpoint", endpoint)
          .register(meters);
      return new OfEndpoint(byStatus, latency);
    }
  }
}

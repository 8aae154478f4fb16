package io.gochat.server.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The figures of one endpoint. Confined to the webhooks' loop; gauges are read by any thread. */
final class WebhookMeters {
  private final MeterRegistry meters;
  private final List<Meter> gauges = new ArrayList<>();
  private final Map<Outcome.Kind, Counter> tries = new EnumMap<>(Outcome.Kind.class);
  private final Counter dead;
  private final Counter dropped;
  private volatile double backlogBytes;
  private volatile double oldestSeconds;
  private volatile double working = 1;

  WebhookMeters(MeterRegistry meters, String endpoint) {
    this.meters = meters;
    for (Outcome.Kind kind : Outcome.Kind.values()) {
      tries.put(
          kind,
          Counter.builder("gochat.webhook.tries")
              .description("Tries to tell an endpoint of an event")
              .tag("endpoint", endpoint)
              .tag("outcome", kind.word())
              .register(meters));
    }
    dead = Counter.builder("gochat.webhook.dead")
        .description("Events that were given up")
        .tag("endpoint", endpoint)
        .register(meters);
    dropped = Counter.builder("gochat.webhook.dropped")
        .description("Events that were dropped because too many waited, or the endpoint ended")
        .tag("endpoint", endpoint)
        .register(meters);
    gauges.add(Gauge.builder("gochat.webhook.backlog.bytes", this, self -> self.backlogBytes)
        .description("What waits to be told")
        .tag("endpoint", endpoint)
        .register(meters));
    gauges.add(Gauge.builder("gochat.webhook.oldest.seconds", this, self -> self.oldestSeconds)
        .description("For how long the oldest event has waited")
        .tag("endpoint", endpoint)
        .register(meters));
    gauges.add(Gauge.builder("gochat.webhook.working", this, self -> self.working)
        .description("1: the endpoint takes events; 0: it fails, or has ended")
        .tag("endpoint", endpoint)
        .register(meters));
  }

  void tried(Outcome.Kind outcome) {
    Objects.requireNonNull(tries.get(outcome)).increment();
  }

  void died() {
    dead.increment();
  }

  void dropped(int events) {
    dropped.increment(events);
  }

  void show(long bytes, double seconds, boolean works) {
    backlogBytes = bytes;
    oldestSeconds = seconds;
    working = works ? 1 : 0;
  }

  /** The endpoint is no more. */
  void remove() {
    gauges.forEach(meters::remove);
  }
}

package io.gochat.server.session;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** What is counted of sessions. Thread-safe. */
final class SessionMeters {
  private final Map<SessionEnd, Counter> ended = new EnumMap<>(SessionEnd.class);
  private final Counter opened;
  private final Counter refusedLookUps;
  private final Counter cached;
  private final Counter stored;

  /** {@code cachedNow}: how many are remembered. */
  SessionMeters(MeterRegistry meters, Supplier<Number> cachedNow) {
    this.cached = checks(meters, "cache");
    this.stored = checks(meters, "store");
    this.opened = Counter.builder("gochat.session.opened")
        .description("Logins that were given a token")
        .register(meters);
    this.refusedLookUps = Counter.builder("gochat.session.refused")
        .description("Tokens that were not looked up, because too many look-ups were under way")
        .tag("reason", "session_lookups")
        .register(meters);
    for (SessionEnd end : SessionEnd.values()) {
      ended.put(end, ended(meters, end));
    }
    Gauge.builder("gochat.session.cached", cachedNow)
        .description("Sessions that are remembered")
        .register(meters);
  }

  private static Counter ended(MeterRegistry meters, SessionEnd end) {
    return Counter.builder("gochat.session.ended")
        .description("Logins that ended")
        .tag("reason", end.name().toLowerCase(Locale.ROOT))
        .register(meters);
  }

  private static Counter checks(MeterRegistry meters, String from) {
    return Counter.builder("gochat.session.checks")
        .description("Tokens that were looked at, by where their session was found or sought")
        .tag("from", from)
        .register(meters);
  }

  void opened() {
    opened.increment();
  }

  void ended(SessionEnd reason) {
    Objects.requireNonNull(ended.get(reason)).increment();
  }

  void foundInCache() {
    cached.increment();
  }

  void soughtInStore() {
    stored.increment();
  }

  void refusedLookUp() {
    refusedLookUps.increment();
  }
}

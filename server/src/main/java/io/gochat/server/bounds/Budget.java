package io.gochat.server.bounds;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bytes that wait, for all connections together: bounded, shown as gauges, and refused with a count. Taken and given
 * back through a {@link Holder}, which says whose they are. Thread-safe.
 */
public final class Budget {
  /** Smaller reservations of who is signed in may use what is set aside for them. */
  static final long SMALL_BYTES = 1_024;

  private static final Logger log = LoggerFactory.getLogger(Budget.class);

  private final String name;
  private final Warnings warnings = new Warnings(log);
  private final Pool main;
  private final @Nullable Pool small;
  private final Map<Refused, Counter> refused = new EnumMap<>(Refused.class);

  Budget(String name, Pool main, @Nullable Pool small, MeterRegistry meters) {
    this.name = name;
    this.main = main;
    this.small = small;
    Gauge.builder("gochat.budget.used", this, Budget::used)
        .description("Bytes that wait now")
        .tag("budget", name)
        .register(meters);
    Gauge.builder("gochat.budget.limit", this, Budget::limit)
        .description("As many bytes may wait")
        .tag("budget", name)
        .register(meters);
    for (Refused why : Refused.values()) {
      refused.put(
          why,
          Counter.builder("gochat.budget.refused")
              .description("Reservations that found no room: in all, for one user, for one address")
              .tag("budget", name)
              .tag("reason", why.word())
              .register(meters));
    }
  }

  /** How many bytes may wait. */
  public long limit() {
    return main.limit() + (small == null ? 0 : small.limit());
  }

  /** How many bytes wait. */
  public long used() {
    return main.used() + (small == null ? 0 : small.used());
  }

  /** Whether room is getting scarce: who does not take what waits for him has less time then. One volatile read. */
  public boolean isHalfUsed() {
    return main.used() > main.limit() / 2;
  }

  Pool main() {
    return main;
  }

  /** What is set aside for small reservations; null: nothing. */
  @Nullable
  Pool small() {
    return small;
  }

  void countRefused(Refused why) {
    Objects.requireNonNull(refused.get(why)).increment();
    switch (why) {
      case FULL -> tell(why, "it is used up");
      case USER -> tell(why, "one user has an eighth of it");
      case ADDRESS -> tell(why, "one client address has a half of it");
    }
  }

  private void tell(Refused why, String sentence) {
    warnings.warn(why.word(), "--" + name + "-budget has no room for more: " + sentence, null);
  }
}

package io.gochat.server.redis;

import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clock of Redis, read here without asking: what all nodes put their connections in order by. Thread-safe.
 *
 * <p>Once a second Redis is asked for the time, which was then somewhere between the question and the answer. The best
 * such look counts, that with the shortest way there and back, until it is so old that the two clocks may have drifted
 * apart further than a fresh look would be wrong. So nodes agree within a millisecond or so, however slow Redis is at a
 * moment, and a claim that is delayed on its way still says when its connection was made.
 */
final class SharedClock {
  private static final Script TIME = Script.load("time");
  // Quartz is some 50 millionths off at worst; a virtual machine is worse.
  private static final long DRIFT_PER_SECOND_MICROS = 200;
  // The lowest bits tell processes apart: no two connections are ever made at the same time.
  private static final int PROCESS_BITS = 10;
  private static final int LOOKS_AT_START = 5;
  private static final long APART_MS = 5_000;
  private static final Logger log = LoggerFactory.getLogger(SharedClock.class);

  private final RedisLink link;
  private final LongSupplier nanos;
  private final InstantSource wall;
  private volatile boolean isApart;
  private final long process = ThreadLocalRandom.current().nextLong(1L << PROCESS_BITS);
  private volatile Look best = new Look(0, Long.MAX_VALUE >> 8, 0);

  /**
   * @param offsetMicros what to add to the local clock
   * @param errorMicros how far off that may be
   * @param atMicros when it was taken, by the local clock
   */
  record Look(long offsetMicros, long errorMicros, long atMicros) {
    private long errorAt(long nowMicros) {
      return errorMicros + (nowMicros - atMicros) * DRIFT_PER_SECOND_MICROS / 1_000_000;
    }

    /** The better of the two: a later one if it is as exact, or if they contradict each other. */
    Look or(Look later) {
      long known = errorAt(later.atMicros);
      boolean contradicted =
          Math.abs(later.offsetMicros - offsetMicros) > known + later.errorMicros;
      return later.errorMicros <= known || contradicted ? later : this;
    }
  }

  /** {@code nanos}: a local clock that never goes back; {@code wall}: what this machine takes the time for. */
  SharedClock(RedisLink link, LongSupplier nanos, InstantSource wall) {
    this.link = link;
    this.nanos = nanos;
    this.wall = wall;
  }

  /** Looks a few times: the first answers of a process are slow. */
  CompletionStage<Void> start() {
    CompletionStage<Void> looked = look();
    for (int i = 1; i < LOOKS_AT_START; i++) {
      looked = looked.thenCompose(x -> look());
    }
    return looked;
  }

  /** Asks Redis; one question at a time. */
  CompletionStage<Void> look() {
    long asked = micros();
    return TIME.call(link.commands(), new byte[][] {link.keys().devices}).thenAccept(answer -> {
      long answered = micros();
      long redis =
          Keys.number((byte[]) answer.get(0)) * 1_000_000 + Keys.number((byte[]) answer.get(1));
      long middle = asked + (answered - asked) / 2;
      best = best.or(new Look(redis - middle, (answered - asked) / 2, answered));
      compareWall(redis / 1_000);
    });
  }

  // Stamps and retention follow Redis; but sessions that this node opens end by its own clock.
  private void compareWall(long redisMs) {
    long apartMs = wall.millis() - redisMs;
    boolean now = Math.abs(apartMs) > APART_MS;
    if (now != isApart) {
      isApart = now;
      if (now) {
        log.warn(
            "The clock of this machine is {} s {} that of Redis: set it, all nodes must agree",
            Math.abs(apartMs) / 1_000,
            apartMs > 0 ? "ahead of" : "behind");
      } else {
        log.info("The clock of this machine agrees with that of Redis again");
      }
    }
  }

  /** Microseconds since 1970 by the clock of Redis, and below them what tells this process from others. */
  long now() {
    return (micros() + best.offsetMicros) << PROCESS_BITS | process;
  }

  private long micros() {
    return TimeUnit.NANOSECONDS.toMicros(nanos.getAsLong());
  }
}

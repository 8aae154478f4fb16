package io.gochat.server.bounds;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Tells the operator of refusals: for each reason one WARN a minute, with how many there were since the last. Reasons are
 * few and fixed, never made of what a peer sent. Thread-safe; nobody is called under a lock.
 */
public final class Warnings {
  private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Logger log;
  private final LongSupplier nanoTime;
  private final ConcurrentHashMap<String, Told> told = new ConcurrentHashMap<>();

  /** Writes to {@code log}. */
  public Warnings(Logger log) {
    this(log, System::nanoTime);
  }

  Warnings(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /**
   * Something was refused: {@code sentence} is logged, unless this reason was within the last minute.
   *
   * @param detail the case at hand, such as the peer's address; null: nothing to add
   */
  public void warn(String reason, String sentence, @Nullable Object detail) {
    long count = told.computeIfAbsent(reason, any -> new Told()).next(nanoTime.getAsLong());
    if (count == 0) {
      return;
    }
    String before = count == 1 ? "" : " (" + count + " times since this was last said)";
    if (detail == null) {
      log.warn("{}{}", sentence, before);
    } else {
      log.warn("{}: {}{}", sentence, detail, before);
    }
  }

  private static final class Told {
    private long lastNanos;
    private long untold;
    private boolean isFirst = true;

    /** How many are to be told of now, this one included; 0: none. */
    synchronized long next(long nowNanos) {
      untold++;
      if (!isFirst && nowNanos - lastNanos < EVERY_NANOS) {
        return 0;
      }
      isFirst = false;
      lastNanos = nowNanos;
      long count = untold;
      untold = 0;
      return count;
    }
  }
}

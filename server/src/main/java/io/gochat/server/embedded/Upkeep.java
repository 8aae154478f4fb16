package io.gochat.server.embedded;

import io.gochat.server.bounds.Warnings;
import io.gochat.server.clock.GuardedClock;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be done now and then, off the publish path, as jobs that do not wait for one another: a compaction may take
 * minutes, and a sweep over all topics too. Thread-safe; each job runs once at a time.
 */
final class Upkeep implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
  private static final long TICK_MS = 1_000;
  private static final int JOBS = 3;
  /** Counts are brought down to their exact bound this often; the commit itself trims beyond the slack. */
  private static final int TICKS_PER_COUNT_TRIM = 5;

  private static final int TICKS_PER_RECLAIM = 30;
  private static final Duration LONGEST_PERIOD = Duration.ofMinutes(10);
  private static final Duration NOTE_EVERY = Duration.ofMinutes(1);
  /** Garbage below this is left to RocksDB's own compaction. */
  private static final long COMPACT_AT_LEAST_BYTES = 64L << 20;

  private final Warnings warnings = new Warnings(log);
  private final OpenStore store;
  private final Committer committer;
  private final EmbeddedOptions options;
  private final GuardedClock clock;
  private final CommitFaults faults;
  private final DiskGuard disk;
  private final Trimming trimming;
  private final ScheduledThreadPoolExecutor scheduler;

  private int trimTicks; // of the trimming job, like the next two
  private long lastPeriodMs;
  private long noteAtMs;
  private int compactionTicks; // of the compaction job, like the next
  private long compactedAtTrimmedBytes;

  Upkeep(
      OpenStore store,
      Committer committer,
      EmbeddedOptions options,
      GuardedClock clock,
      CommitFaults faults,
      DiskGuard disk) {
    this.store = store;
    this.committer = committer;
    this.options = options;
    this.clock = clock;
    this.faults = faults;
    this.disk = disk;
    this.trimming = new Trimming(store, committer, options.retention(), clock);
    this.lastPeriodMs = clock.monotonicMillis();
    this.noteAtMs = clock.monotonicMillis();
    AtomicInteger number = new AtomicInteger();
    this.scheduler = new ScheduledThreadPoolExecutor(JOBS, task -> {
      Thread thread = new Thread(task, "gochat-store-upkeep-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    });
  }

  void start() {
    everySecond("watching the disk", this::watch);
    everySecond("trimming", this::trim);
    everySecond("compaction", this::compact);
  }

  /** What a job does. */
  @FunctionalInterface
  private interface Job {
    void run() throws Exception;
  }

  private void everySecond(String what, Job job) {
    Runnable guarded = () -> {
      try {
        job.run();
      } catch (Exception | Error e) {
        // The store may be closed under it, as it should. A job that threw would not run again.
        if (!scheduler.isShutdown()) {
          warnings.warn(what, what + " failed, and is tried again each second", e);
        }
      }
    };
    scheduler.scheduleWithFixedDelay(guarded, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  /** One round of all jobs, one after the other; for tests. */
  void tick() throws Exception {
    watch();
    trim();
    compact();
  }

  /** Everything that depends on age, now. */
  void sweep() throws Exception {
    trimming.byAge();
  }

  private synchronized void watch() throws Exception {
    disk.measure();
    if (committer.isAvailable() && options.durability() == Durability.ASYNC) {
      // So that a power cut costs about a second; writers do not wait for it.
      store.read(database -> {
        database.rocks().syncWal();
        return true;
      });
    }
  }

  private void trim() throws Exception {
    if (!committer.isAvailable()) {
      return;
    }
    trimTicks++;
    if (trimTicks == TICKS_PER_COUNT_TRIM
        || (disk.isFull() && trimTicks % TICKS_PER_RECLAIM == 0)) {
      trimming.allByCount();
    } else if (trimTicks % TICKS_PER_COUNT_TRIM == 0) {
      trimming.byCount();
    }
    long nowMs = clock.monotonicMillis();
    if (nowMs - lastPeriodMs >= period().toMillis()) {
      lastPeriodMs = nowMs;
      trimming.byAge();
    }
    if (nowMs >= noteAtMs) {
      noteAtMs = nowMs + NOTE_EVERY.toMillis();
      trimming.noteTime();
    }
  }

  private Duration period() {
    Duration part = options.retention().age().dividedBy(20);
    return part.compareTo(LONGEST_PERIOD) < 0 ? part : LONGEST_PERIOD;
  }

  /** Trimmed ranges are only marks until a compaction passes: it is asked for once they hide enough, or in need. */
  private void compact() throws Exception {
    if (!committer.isAvailable()) {
      return;
    }
    compactionTicks++;
    long trimmed = committer.meters().trimmedBytes();
    long garbage = trimmed - compactedAtTrimmedBytes;
    boolean inNeed = disk.isFull() && compactionTicks % TICKS_PER_RECLAIM == 0;
    if (inNeed || garbage > Math.max(COMPACT_AT_LEAST_BYTES, disk.usedBytes() / 2)) {
      compactedAtTrimmedBytes = trimmed;
      store.read(database -> {
        faults.atCompaction();
        database.flush();
        database.compact(Family.MESSAGES);
        database.compact(Family.IDEMPOTENCY);
        database.compact(Family.WEBHOOKS);
        return true;
      });
      watch();
    }
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
  }
}

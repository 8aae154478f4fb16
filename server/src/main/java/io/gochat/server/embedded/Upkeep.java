package io.gochat.server.embedded;

import io.gochat.server.clock.GuardedClock;
import io.gochat.server.messaging.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be done now and then, off the publish path: trimming by age, bringing counts down to their bound,
 * forgetting dead sessions and client message ids, watching the disk. Thread-safe: one tick at a time. It only looks and
 * decides; what it wants changed goes through the committer, which owns all tails.
 */
final class Upkeep implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
  private static final long TICK_MS = 1_000;
  /** Counts are brought down to their exact bound this often; the commit itself trims beyond the slack. */
  private static final int TICKS_PER_COUNT_TRIM = 5;

  private static final int TICKS_PER_RECLAIM = 30;
  /** Upkeep must not fill the queue that publishes wait in. */
  private static final int WRITES_AT_ONCE = 1_000;

  private static final Duration LONGEST_PERIOD = Duration.ofMinutes(10);
  private static final Duration NOTE_EVERY = Duration.ofMinutes(1);
  private static final Duration SESSION_GRACE = Duration.ofHours(1);
  /** Garbage below this is left to RocksDB's own compaction. */
  private static final long COMPACT_AT_LEAST_BYTES = 64L << 20;

  private final OpenStore store;
  private final Committer committer;
  private final EmbeddedOptions options;
  private final GuardedClock clock;
  private final DiskGuard disk;
  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "gochat-store-upkeep");
        thread.setDaemon(true);
        return thread;
      });

  private long ticks;
  private long lastPeriodMs;
  private long noteAtMs;
  private long compactedAtTrimmedBytes;

  Upkeep(
      OpenStore store,
      Committer committer,
      EmbeddedOptions options,
      GuardedClock clock,
      DiskGuard disk) {
    this.store = store;
    this.committer = committer;
    this.options = options;
    this.clock = clock;
    this.disk = disk;
    this.lastPeriodMs = clock.monotonicMillis();
    this.noteAtMs = clock.monotonicMillis();
  }

  void start() {
    scheduler.scheduleWithFixedDelay(this::tickSafely, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tickSafely() {
    try {
      tick();
    } catch (Exception e) {
      if (scheduler.isShutdown()) {
        return; // the store is being closed under it, as it should
      }
      log.warn("upkeep failed, it is tried again in a second: {}", e.toString());
    }
  }

  /** One round. Waits for the writes that it asks for. */
  synchronized void tick() throws Exception {
    ticks++;
    disk.measure();
    if (!committer.isAvailable()) {
      return;
    }
    if (ticks % TICKS_PER_COUNT_TRIM == 0) {
      trimByCount();
    }
    long nowMs = clock.monotonicMillis();
    if (nowMs - lastPeriodMs >= period().toMillis()) {
      lastPeriodMs = nowMs;
      sweep();
    }
    if (nowMs >= noteAtMs) {
      noteAtMs = nowMs + NOTE_EVERY.toMillis();
      noteTime();
    }
    reclaim();
    if (options.durability() == Durability.ASYNC) {
      // So that a power cut costs about a second; writers do not wait for it.
      store.read(database -> {
        database.rocks().syncWal();
        return true;
      });
    }
  }

  private Duration period() {
    Duration part = options.retention().age().dividedBy(20);
    return part.compareTo(LONGEST_PERIOD) < 0 ? part : LONGEST_PERIOD;
  }

  /** So that the next start can tell a clock that is wrong. */
  private void noteTime() {
    await(List.of(submit(commit -> {
      commit.put(Family.META, Meta.TRUSTED_MS.key(), Keys.ofLong(clock.millis()));
      return true;
    })));
  }

  /** Everything that depends on age; nothing, while the clock is not to be trusted. */
  synchronized void sweep() throws Exception {
    if (!clock.isTrusted()) {
      return;
    }
    trimByAge();
    purgeSessions();
    await(List.of(submit(commit -> {
      commit.state().idempotency().dropExpired(commit);
      return true;
    })));
  }

  private void trimByCount() {
    long count = options.retention().count();
    List<CompletableFuture<Boolean>> trims = new ArrayList<>();
    for (TopicTail tail : committer.tails().all()) {
      long keepFrom = tail.lastSeq() - count + 1;
      if (keepFrom > tail.firstSeq()) {
        trims.add(trim(tail.topic(), keepFrom));
        if (trims.size() == WRITES_AT_ONCE) {
          await(trims);
          trims.clear();
        }
      }
    }
    await(trims);
  }

  private void trimByAge() throws Exception {
    AgeScan scan = new AgeScan(clock.millis() - options.retention().age().toMillis());
    boolean more = true;
    while (more) {
      List<AgeScan.Cut> cuts = new ArrayList<>();
      more = store.read(database -> scan.some(database, cuts));
      await(cuts.stream().map(cut -> trim(cut.topic(), cut.keepFrom())).toList());
    }
  }

  private CompletableFuture<Boolean> trim(Topic topic, long keepFrom) {
    return submit(commit -> {
      TopicTail tail = commit.tail(topic);
      commit.trim(tail, Math.min(keepFrom, tail.nextSeq()));
      return true;
    });
  }

  private void purgeSessions() throws Exception {
    long deadBeforeMs = clock.millis() - SESSION_GRACE.toMillis();
    List<byte[]> dead = store.read(database -> {
      List<byte[]> keys = new ArrayList<>();
      try (Database.Scan scan =
          database.scan(Family.SESSIONS, new byte[0], new byte[] {(byte) 0xff})) {
        for (boolean more = scan.first(); more; more = scan.next()) {
          if (EmbeddedSessions.expiresAtMs(scan.value()) < deadBeforeMs) {
            keys.add(scan.key());
          }
        }
      }
      return keys;
    });
    for (int i = 0; i < dead.size(); i += WRITES_AT_ONCE) {
      List<byte[]> some = dead.subList(i, Math.min(dead.size(), i + WRITES_AT_ONCE));
      await(some.stream().map(key -> purge(key, deadBeforeMs)).toList());
    }
  }

  private CompletableFuture<Boolean> purge(byte[] sessionKey, long deadBeforeMs) {
    return submit(commit -> {
      byte[] value = commit.get(Family.SESSIONS, sessionKey);
      if (value == null || EmbeddedSessions.expiresAtMs(value) >= deadBeforeMs) {
        return false; // extended since it was looked at
      }
      commit.delete(Family.SESSIONS, sessionKey);
      return true;
    });
  }

  private CompletableFuture<Boolean> submit(RowWrite.Change<Boolean> change) {
    RowWrite<Boolean> write = new RowWrite<>(change);
    committer.submit(write);
    return write.result().exceptionally(failure -> false); // the next round tries again
  }

  private static void await(List<CompletableFuture<Boolean>> writes) {
    CompletableFuture.allOf(writes.toArray(new CompletableFuture<?>[0])).join();
  }

  /** Trimmed ranges are only marks until a compaction passes: it is asked for once they hide enough, or in need. */
  private void reclaim() throws Exception {
    long trimmed = committer.meters().trimmedBytes();
    long garbage = trimmed - compactedAtTrimmedBytes;
    boolean inNeed = disk.isFull() && ticks % TICKS_PER_RECLAIM == 0;
    if (inNeed || garbage > Math.max(COMPACT_AT_LEAST_BYTES, disk.usedBytes() / 2)) {
      compactedAtTrimmedBytes = trimmed;
      if (inNeed) {
        trimByCount();
      }
      store.read(database -> {
        database.flush();
        database.compact(Family.MESSAGES);
        database.compact(Family.IDEMPOTENCY);
        return true;
      });
      disk.measure();
    }
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
  }
}

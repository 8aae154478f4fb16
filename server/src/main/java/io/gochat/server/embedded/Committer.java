package io.gochat.server.embedded;

import io.gochat.server.bounds.Warnings;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.messaging.Announcements;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. {@link #submit}, {@link #isAvailable}, {@link #epoch} and {@link #close} are thread-safe;
 * everything else is confined to the committer thread, and that is the whole concurrency of the log: sequences, ids,
 * duplicates, tails and the moment at which something becomes visible all have one owner.
 *
 * <p>It takes whatever waits, stages it into one batch, writes and syncs that, publishes the new tails, answers the
 * writers, and hands the batch to the listener. While the disk is busy with one batch the next one gathers: the load
 * makes the batches, there is no timer.
 *
 * <p><b>A failed commit.</b> Its outcome is unknown: a write whose sync failed may be found on the disk later, or not.
 * So nothing of it is told to the listener, its writers hear {@code store_unavailable}, and before anything else is
 * accepted the database is opened anew and everything known of it (tails, ids, client message ids) is read from disk
 * again. What is found there is part of the log, whether or not its writer was told so; what is not found can be
 * published again, and is not taken for a duplicate.
 *
 * <p><b>Whatever is thrown</b> by a listener or by who waits for an answer is logged and survived. What is thrown while a
 * commit is made fails that commit. Only if opening the store anew throws an {@code Error} does this thread die: then
 * everybody who waits is answered, and the process is told to end, because a node that cannot write is none.
 */
final class Committer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Committer.class);
  private static final int MAX_BATCH_WRITES = 8_192;
  private static final long MAX_BATCH_BYTES = 8L << 20;

  /** Up to so many writes nobody is kept waiting for the others; in a larger commit the first answers leave at once. */
  private static final int TOLD_TOGETHER = 32;

  private static final long IDLE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long FIRST_BACKOFF_MS = 50;
  private static final long LAST_BACKOFF_MS = 2_000;

  private final StoreDirectory directory;
  private final OpenStore store;
  private final EmbeddedOptions options;
  private final GuardedClock clock;
  private final CommitMark mark;
  private final CommitFaults faults;
  private final Runnable died;
  private final DiskGuard disk;
  private final @Nullable LogFill fill;
  private final Gather gather;
  private final TopicTails tails;
  private final WriteQueue queue;
  private final CommitMeters meters;
  private final Thread thread;
  private final List<Write> inFlight = new ArrayList<>();
  private final Recording recording = new Recording();
  private final Announcements announcements = new Announcements();
  private final Warnings warnings = new Warnings(log);

  private volatile boolean available = true;
  private volatile boolean closing;
  private volatile boolean terminated;
  private volatile StoreState state;
  private volatile PastEpochs pastEpochs = PastEpochs.NONE;
  private Commit commit;
  private long commits;

  Committer(
      Opened opened,
      OpenStore store,
      EmbeddedOptions options,
      GuardedClock clock,
      CommitFaults faults,
      DiskGuard disk,
      Runnable died,
      MeterRegistry meters) {
    this.directory = opened.directory();
    this.disk = disk;
    this.gather = new Gather(options.gather());
    this.fill = options.durability() == Durability.FSYNC
        ? new LogFill(opened.directory().database())
        : null;
    this.store = store;
    this.options = options;
    this.clock = clock;
    this.faults = faults;
    this.died = died;
    this.mark = opened.mark();
    this.state = opened.state();
    this.tails = new TopicTails();
    this.queue =
        new WriteQueue(options.bounds().queuedWrites(), options.bounds().queuedBytes());
    this.meters = new CommitMeters(meters, queue, disk, MAX_BATCH_WRITES);
    this.commit = new Commit(state, tails, options.retention(), recording);
    this.thread = new Thread(this::run, "gochat-committer");
  }

  void start() {
    thread.start();
  }

  /** Who hears of commits. */
  void listener(CommitListener hears) {
    announcements.listener(hears);
  }

  /** What is recorded in the outbox. */
  Recording recording() {
    return recording;
  }

  TopicTails tails() {
    return tails;
  }

  long epoch() {
    return state.epoch();
  }

  PastEpochs pastEpochs() {
    return pastEpochs;
  }

  /** Whether writes are accepted: the store is open and did not fail. */
  boolean isAvailable() {
    return available && !closing;
  }

  CommitMeters meters() {
    return meters;
  }

  /** Queues a write; always answers it, now or after its commit. Any thread. */
  void submit(Write write) {
    if (!available || closing) {
      meters.unavailable();
      write.failed();
      return;
    }
    if (!queue.offer(write)) {
      meters.queueFull();
      write.refused("the store's queue is full", PublishWrite.RETRY_AFTER_MS);
      return;
    }
    if (terminated) {
      failWaiting(); // it slipped in behind the last look of the committer
    }
  }

  private void run() {
    boolean cleanly = false;
    try {
      while (true) {
        Write next = queue.take(closing ? 0 : IDLE_WAIT_NANOS);
        if (next == null && closing) {
          break;
        }
        if (next != null && !closing) {
          next = gather.more(next, queue);
        }
        while (next != null) {
          next = commitSome(next);
        }
      }
      stopCleanly();
      cleanly = true;
    } catch (Throwable e) {
      log.error("the committer died; nothing more can be written", e);
    } finally {
      available = false;
      terminated = true;
      failWaiting();
      commit.close();
      store.close();
      if (!cleanly) {
        died.run();
      }
    }
  }

  /** Commits the oldest of the writes, as many as fit one batch; returns the rest. */
  private @Nullable Write commitSome(Write oldest) {
    long startedNanos = System.nanoTime();
    inFlight.clear();
    Write rest;
    List<TopicBatch> batches;
    try {
      commit.begin(++commits, clock.millis(), clock.isTrusted());
      rest = stage(oldest);
      commit.seal();
      write(commit.rows());
      batches = commit.publishTails();
    } catch (RocksDBException | RuntimeException | Error e) {
      log.error("a commit of {} writes failed; the store is reopened", inFlight.size(), e);
      recover(oldest);
      return null;
    }
    gather.committed(inFlight.size());
    // From here on it is written, and whoever throws does not change that.
    if (inFlight.size() > TOLD_TOGETHER) {
      answerAndTell(batches, startedNanos);
    } else {
      announcements.together(() -> answerAndTell(batches, startedNanos));
    }
    tails.evict();
    return rest;
  }

  private void answerAndTell(List<TopicBatch> batches, long startedNanos) {
    meters.begin();
    for (int i = 0; i < inFlight.size(); i++) {
      Write write = inFlight.get(i);
      answer(write, true);
      if (write instanceof PublishWrite publish) {
        meters.answered(publish);
      }
    }
    meters.committed(
        startedNanos,
        System.nanoTime(),
        inFlight.size(),
        commit.rows().batch().getDataSize(),
        commit.trimmed());
    inFlight.clear(); // an idle committer holds nobody's text
    announcements.committed(batches);
    meters.handedOver(System.nanoTime());
    recording.tell(commit.recorded());
  }

  /** Once for each write that was taken from the queue. */
  private void answer(Write write, boolean written) {
    queue.release(write);
    try {
      if (written) {
        write.committed();
      } else {
        write.failed();
      }
    } catch (RuntimeException | Error e) {
      log.error("who waits for a write threw at its answer", e);
    }
  }

  private @Nullable Write stage(Write oldest) {
    Write write = oldest;
    while (write != null
        && inFlight.size() < MAX_BATCH_WRITES
        && commit.rows().batch().getDataSize() < MAX_BATCH_BYTES) {
      inFlight.add(write);
      try {
        write.stage(commit);
      } catch (RocksDBException e) {
        // Reads come before changes in every stage(), so nothing
        // of this write is in the batch: it fails alone.
        log.error("what a write needs cannot be read from the store: {}", e.toString());
        meters.unreadable();
      }
      write = write.next;
    }
    return write;
  }

  private void write(StagedRows rows) throws RocksDBException {
    WriteBatch batch = rows.batch();
    if (batch.count() == 0) {
      return;
    }
    if (fill != null) {
      fill.beforeWrite(batch.getDataSize());
    }
    faults.beforeWrite();
    state.database().write(batch, rows.isSyncForced() || options.durability() == Durability.FSYNC);
    faults.afterWrite();
    mark.set(state.database().latestWrite());
    disk.wrote(batch.getDataSize());
  }

  /** Everything from {@code oldest} on fails, and the store is opened anew. */
  private void recover(Write oldest) {
    available = false;
    meters.failed();
    List<TopicTail> doubtful = commit.touched();
    for (Write write = oldest; write != null; write = write.next) {
      answer(write, false);
    }
    inFlight.clear();
    long epochBefore = state.epoch();
    if (!reopen()) {
      return;
    }
    log.warn("the store is open again");
    if (state.epoch() != epochBefore) {
      meters.epochChanged();
      announcements.epochChanged(state.epoch());
    }
    for (TopicTail tail : doubtful) {
      tellIfFound(tail.topic(), tail.lastSeq());
    }
    recording.lookAgain();
    available = true;
  }

  /** A write that failed may have reached the disk after all: then it is part of the log. */
  private void tellIfFound(Topic topic, long publishedSeq) {
    try {
      long lastSeq = StoredTopic.read(state.database(), topic).lastSeq();
      if (lastSeq > publishedSeq) {
        announcements.advanced(topic, lastSeq);
      }
    } catch (RocksDBException e) {
      log.error("the end of {} cannot be read", topic, e);
    }
  }

  /** Tries until it succeeds; false when the store is being closed instead. */
  private boolean reopen() {
    long backoffMs = FIRST_BACKOFF_MS;
    while (!closing) {
      failWaiting();
      try {
        commit.close();
        tails.clear();
        store.close();
        faults.beforeReopen();
        reload();
        return true;
      } catch (RocksDBException | IOException | RuntimeException e) {
        warnings.warn("reopen", "the store cannot be opened again, which is tried on", e);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(backoffMs));
      backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS);
    }
    return false;
  }

  private void reload() throws RocksDBException, IOException {
    StoreState reopened = Opening.reopen(directory, mark, options, store);
    if (reopened.epoch() != state.epoch()) {
      pastEpochs = pastEpochs.and(state.epoch(), reopened.nextMessageId());
    }
    state = reopened;
    commit = new Commit(state, tails, options.retention(), recording);
  }

  private void failWaiting() {
    for (Write write = queue.take(0); write != null; ) {
      Write following = write.next;
      answer(write, false);
      write = following;
    }
  }

  private void stopCleanly() throws RocksDBException {
    if (!available) {
      return; // it failed: the next start must look for itself
    }
    try (WriteBatch batch = new WriteBatch()) {
      Meta.CLEAN_STOP.put(state.database(), batch, 1);
      Meta.TRUSTED_MS.put(state.database(), batch, clock.millis());
      state.database().write(batch, true);
      mark.set(state.database().latestWrite());
      mark.force();
    }
  }

  /** Writes what was accepted, marks the clean stop, closes the database. Waits for it. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.gochat.server.embedded;

import io.gochat.server.account.AccountStore;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.session.SessionStore;
import io.gochat.server.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/**
 * Everything that one node keeps, in one directory. Thread-safe. {@link #close} writes what was accepted, marks the
 * clean stop and gives the directory back.
 */
public final class EmbeddedStore implements Store {
  private static final int READ_THREADS = 2;

  private final StoreDirectory directory;
  private final OpenStore store;
  private final Committer committer;
  private final Upkeep upkeep;
  private final ReadThreads reads;
  private final DiskGuard disk;
  private final MessageLog log;
  private final AccountStore accounts;
  private final SessionStore sessions;
  private final PositionStore positions;
  private final Outbox outbox;

  private EmbeddedStore(
      StoreDirectory directory,
      OpenStore store,
      Committer committer,
      Upkeep upkeep,
      ReadThreads reads,
      DiskGuard disk) {
    this.directory = directory;
    this.store = store;
    this.committer = committer;
    this.upkeep = upkeep;
    this.reads = reads;
    this.disk = disk;
    this.log = new EmbeddedLog(committer, reads, disk);
    this.accounts = new EmbeddedAccounts(committer, reads);
    this.sessions = new EmbeddedSessions(committer, reads);
    this.positions = new EmbeddedPositions(committer, reads);
    this.outbox = new EmbeddedOutbox(committer, reads);
  }

  /**
   * Opens, or creates, the store.
   *
   * @throws StoreOpenException with a sentence for the operator: the directory is in use, was written by a newer
   *     version, or is damaged
   */
  public static EmbeddedStore open(
      EmbeddedOptions options, GuardedClock clock, MeterRegistry meters) throws StoreOpenException {
    return open(options, clock, meters, () -> {});
  }

  /**
   * Opens, or creates, the store.
   *
   * @param died is run when nothing can be written any more, and everybody who waited was told
   */
  public static EmbeddedStore open(
      EmbeddedOptions options, GuardedClock clock, MeterRegistry meters, Runnable died)
      throws StoreOpenException {
    return open(options, clock, meters, died, CommitFaults.NONE);
  }

  static EmbeddedStore open(
      EmbeddedOptions options,
      GuardedClock clock,
      MeterRegistry meters,
      Runnable died,
      CommitFaults faults)
      throws StoreOpenException {
    StoreDirectory directory = StoreDirectory.open(options.directory());
    try {
      NativeLibrary.load(directory.root());
      OpenStore store = new OpenStore();
      Opened opened = Opening.open(directory, options, store);
      resume(clock, opened.state().database());
      DiskGuard disk = new DiskGuard(directory.root(), options.bounds());
      Committer committer =
          new Committer(opened, store, options, clock, faults, disk, died, meters);
      Upkeep upkeep = new Upkeep(store, committer, options, clock, faults, disk);
      ReadThreads reads =
          new ReadThreads(store, READ_THREADS, options.bounds().queuedReads(), meters);
      disk.bindTo(meters);
      disk.measure();
      committer.start();
      upkeep.start();
      return new EmbeddedStore(directory, store, committer, upkeep, reads, disk);
    } catch (RocksDBException | IOException e) {
      directory.close();
      throw Opening.refusal(directory, e);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private static void resume(GuardedClock clock, Database database) throws RocksDBException {
    long trustedMs = Meta.TRUSTED_MS.get(database);
    if (trustedMs > 0) {
      clock.resume(trustedMs);
    }
  }

  /**
   * Loads the native library, if an earlier start has left it in the directory: it takes a good part of a start. {@link
   * #open} does it as well. Whoever has something else to do meanwhile calls this on a thread of its own.
   */
  public static void loadLibraryOf(Path directory) {
    NativeLibrary.loadIfThere(directory);
  }

  @Override
  public void boundDisk(long maxDiskBytes, long minFreeBytes) {
    disk.bound(maxDiskBytes, minFreeBytes);
  }

  @Override
  public MessageLog log() {
    return log;
  }

  @Override
  public AccountStore accounts() {
    return accounts;
  }

  @Override
  public SessionStore sessions() {
    return sessions;
  }

  @Override
  public PositionStore positions() {
    return positions;
  }

  @Override
  public Optional<Outbox> outbox() {
    return Optional.of(outbox);
  }

  @Override
  public boolean isReady() {
    return committer.isAvailable();
  }

  @Override
  public Optional<Copy> copy() {
    return Optional.of(this::backup);
  }

  /**
   * Copies the store as it is at this moment; publishes go on meanwhile. Blocks: not for event loops.
   *
   * @param target must not exist
   */
  public void backup(Path target) throws IOException {
    try {
      store.read(database -> {
        Backup.create(database, target, StoreDirectory.FORMAT);
        return true;
      });
    } catch (RocksDBException e) {
      throw new IOException("the backup failed: " + e.getMessage(), e);
    }
  }

  /** For tests with a clock of their own. */
  Upkeep upkeep() {
    return upkeep;
  }

  @Override
  public void close() {
    upkeep.close();
    committer.close();
    reads.close();
    directory.close();
  }
}

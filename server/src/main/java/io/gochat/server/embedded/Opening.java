package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checks between opening a directory and trusting it. Stateless. */
final class Opening {
  private static final Logger log = LoggerFactory.getLogger(Opening.class);

  private Opening() {}

  /** As a start finds it; without data it is made. */
  static Opened open(StoreDirectory directory, EmbeddedOptions options, OpenStore store)
      throws RocksDBException, IOException {
    boolean hasData = directory.hasData();
    if (hasData) {
      FormatStep.begin(directory);
    } else {
      Files.createDirectories(directory.database());
    }
    CommitMark mark = CommitMark.open(directory.mark());
    StoreState state = load(directory, mark, options, store, !hasData, false);
    if (!hasData) {
      directory.markCreated();
    }
    return new Opened(directory, mark, state);
  }

  /** Once more, in a process that knows what it wrote. */
  static StoreState reopen(
      StoreDirectory directory, CommitMark mark, EmbeddedOptions options, OpenStore store)
      throws RocksDBException, IOException {
    return load(directory, mark, options, store, false, true);
  }

  private static StoreState load(
      StoreDirectory directory,
      CommitMark mark,
      EmbeddedOptions options,
      OpenStore store,
      boolean create,
      boolean again)
      throws RocksDBException, IOException {
    String newestLog = newestLog(directory); // before it is replayed and gone
    Database database = Database.open(directory.database(), create, options.bounds());
    try {
      checkFormat(directory, database);
      boolean lost = !create && endsBeforeMark(directory, database, mark, newestLog);
      FormatStep.finish(database);
      StoreState state = StoreState.load(
          database,
          options.durability(),
          options.dedupeWindow(),
          lost || (!again && StoreState.mayHaveLost(database)));
      mark.set(database.latestWrite());
      store.set(database);
      return state;
    } catch (RocksDBException | IOException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** Refuses what a start would refuse, and what cannot be read back. */
  static void check(StoreDirectory directory, Database database, String newestLog)
      throws RocksDBException, IOException {
    checkFormat(directory, database);
    if (Files.exists(directory.mark())) {
      endsBeforeMark(directory, database, CommitMark.open(directory.mark()), newestLog);
    }
    database.rocks().verifyChecksum();
  }

  private static void checkFormat(StoreDirectory directory, Database database)
      throws RocksDBException, IOException {
    long format = Meta.FORMAT.get(database);
    if (format > StoreDirectory.FORMAT) {
      throw new StoreOpenException("The data directory " + directory.root()
          + " was written by a newer version of GoChat (format " + format
          + ", this version reads " + StoreDirectory.FORMAT
          + "). Start that version, or give another --data-dir.");
    }
  }

  /** Under fsync that is a loss of what was accepted, and refused; a power cut may do it to async. */
  private static boolean endsBeforeMark(
      StoreDirectory directory, Database database, CommitMark mark, String newestLog)
      throws RocksDBException, IOException {
    long latest = database.latestWrite();
    if (latest >= mark.get()) {
      return false;
    }
    if (Meta.LAST_DURABILITY.get(database) == Durability.ASYNC.code()) {
      log.warn(
          "the last {} writes before the stop are lost (--durability=async); the epoch changes",
          mark.get() - latest);
      return true;
    }
    throw new StoreOpenException("The store in " + directory.root() + " is damaged: its log "
        + newestLog + " ends " + (mark.get() - latest)
        + " records before what was accepted. " + waysOut(directory));
  }

  /** What the operator is told about a database that does not open. */
  static StoreOpenException refusal(StoreDirectory directory, Exception cause) {
    if (cause instanceof StoreOpenException refusal) {
      return refusal;
    }
    Optional<StoreOpenException> fault = EnvironmentFault.of(directory.root(), cause);
    if (fault.isPresent()) {
      return fault.get();
    }
    String what = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    String file = what.contains(directory.database().getFileName() + "/")
        ? ""
        : " (newest log: " + newestLog(directory) + ")";
    return new StoreOpenException(
        "The store in " + directory.root() + " does not open: " + what + file + ". "
            + waysOut(directory),
        cause);
  }

  private static String waysOut(StoreDirectory directory) {
    return "Restore a backup, or run './gochat repair --data-dir " + directory.root()
        + "', which keeps what can be read and says what was lost.";
  }

  static String newestLog(StoreDirectory directory) {
    Path newest = LogTail.newest(directory.database());
    return newest == null ? "db/*.log" : newest.toString();
  }
}

package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

/**
 * Makes a damaged directory usable again: keeps what can be read, says what was lost, and changes the epoch, because
 * sequences of lost messages are used again. Everybody must log in again, since the end of a session may be among what
 * was lost. The damaged files are kept beside the new ones. Not thread-safe; the store must not be running.
 */
public final class Repair {
  private final StoreDirectory directory;
  private final Consumer<String> report;

  private Repair(StoreDirectory directory, Consumer<String> report) {
    this.directory = directory;
    this.report = report;
  }

  /**
   * Repairs the store in {@code dataDirectory}.
   *
   * @param report hears, line by line, what is kept and what is lost
   * @throws StoreOpenException when the directory is in use, holds no store, or is of a newer version
   */
  public static void run(Path dataDirectory, Consumer<String> report) throws StoreOpenException {
    if (!Files.isDirectory(dataDirectory.resolve("db"))
        && !Files.isDirectory(dataDirectory.resolve("db.repaired"))) {
      throw new StoreOpenException(
          "There is no store in " + dataDirectory + ": nothing to repair.");
    }
    try (StoreDirectory directory = StoreDirectory.openForRepair(dataDirectory)) {
      NativeLibrary.load(directory.root());
      new Repair(directory, report).run();
    } catch (RocksDBException | IOException e) {
      if (e instanceof StoreOpenException refusal) {
        throw refusal;
      }
      throw EnvironmentFault.of(dataDirectory, e)
          .orElseGet(() -> new StoreOpenException(
              "The repair of " + dataDirectory + " failed: " + e.getMessage()
                  + ". Its files are as they were; restore a backup.",
              e));
    }
  }

  private void run() throws RocksDBException, IOException {
    Path repaired = directory.repaired();
    if (Files.exists(repaired) && !Files.exists(directory.database().resolve("CURRENT"))) {
      report.accept("An earlier repair had come to its end: what it made is moved into place.");
      moveIntoPlace(repaired);
      return;
    }
    Path salvaged = directory.root().resolve("db.salvaged");
    Path repairing = directory.root().resolve("db.repairing");
    PrivateFiles.deleteTree(salvaged);
    PrivateFiles.deleteTree(repairing);
    PrivateFiles.deleteTree(repaired);
    report.accept("Reading " + directory.database() + " …");
    CommitMark mark = CommitMark.open(directory.mark());
    new Salvage(directory.database(), salvaged, mark, report).run();
    try (Database from = Database.open(salvaged, false, StoreBounds.DEFAULT);
        Database to = Database.create(repairing)) {
      new Rebuild(from, to, report).run();
      to.flush();
    }
    PrivateFiles.syncTree(repairing);
    PrivateFiles.deleteTree(salvaged);
    Files.move(repairing, repaired, StandardCopyOption.ATOMIC_MOVE);
    PrivateFiles.sync(directory.root());
    setAside();
    moveIntoPlace(repaired);
  }

  /** From here on nothing opens, until the repaired store is in place: a repair that is run again sees to that. */
  private void setAside() throws IOException {
    Path kept = directory.root().resolve("db.damaged");
    for (int i = 2; Files.exists(kept); i++) {
      kept = directory.root().resolve("db.damaged-" + i);
    }
    Files.move(directory.database(), kept, StandardCopyOption.ATOMIC_MOVE);
    PrivateFiles.sync(directory.root());
    report.accept("The damaged files are kept in " + kept + "; delete them when all is well.");
  }

  private void moveIntoPlace(Path repaired) throws IOException {
    Files.deleteIfExists(directory.mark()); // of the damaged one
    PrivateFiles.deleteTree(directory.database()); // empty, if it is there at all
    Files.move(repaired, directory.database(), StandardCopyOption.ATOMIC_MOVE);
    directory.markCreated();
  }
}

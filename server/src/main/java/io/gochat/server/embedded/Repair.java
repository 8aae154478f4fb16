package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.stream.Stream;
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
    if (!Files.isDirectory(dataDirectory.resolve("db"))) {
      throw new StoreOpenException(
          "There is no store in " + dataDirectory + ": nothing to repair.");
    }
    try (StoreDirectory directory = StoreDirectory.openForRepair(dataDirectory)) {
      new Repair(directory, report).run();
    } catch (RocksDBException | IOException e) {
      if (e instanceof StoreOpenException refusal) {
        throw refusal;
      }
      throw new StoreOpenException(
          "The repair of " + dataDirectory + " failed: " + e.getMessage()
              + ". Its files are as they were; restore a backup.",
          e);
    }
  }

  private void run() throws RocksDBException, IOException {
    Path salvaged = directory.root().resolve("db.salvaged");
    Path repaired = directory.root().resolve("db.repaired");
    deleteTree(salvaged);
    deleteTree(repaired);
    report.accept("Reading " + directory.database() + " …");
    CommitMark mark = CommitMark.open(directory.mark());
    new Salvage(directory.database(), salvaged, mark, report).run();
    try (Database from = Database.open(salvaged, false, StoreBounds.DEFAULT);
        Database to = create(repaired)) {
      new Rebuild(from, to, report).run();
      to.flush();
    }
    deleteTree(salvaged);
    swap(repaired);
  }

  static Database create(Path path) throws RocksDBException, IOException {
    Files.createDirectories(path);
    return Database.open(path, true, StoreBounds.DEFAULT);
  }

  /** Until the last rename the damaged store is what is found in place. */
  private void swap(Path repaired) throws IOException {
    Path kept = directory.root().resolve("db.damaged");
    for (int i = 2; Files.exists(kept); i++) {
      kept = directory.root().resolve("db.damaged-" + i);
    }
    Files.deleteIfExists(directory.mark());
    Files.move(directory.database(), kept, StandardCopyOption.ATOMIC_MOVE);
    Files.move(repaired, directory.database(), StandardCopyOption.ATOMIC_MOVE);
    directory.markCreated();
    report.accept("The damaged files are kept in " + kept + "; delete them when all is well.");
  }

  static void deleteTree(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
    }
  }
}

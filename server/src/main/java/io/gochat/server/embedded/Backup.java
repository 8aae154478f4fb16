package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.rocksdb.Checkpoint;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Copies of a store: a consistent one of the database at one moment, made while it runs or while it does not. On the
 * same file system tables are linked, not copied. Stateless.
 */
public final class Backup {
  private static final String DATABASE = "db";

  private Backup() {}

  /**
   * Copies a store that is not running.
   *
   * @param target must not exist
   * @throws StoreOpenException when the store is in use or damaged, or the target exists
   */
  public static void create(Path dataDirectory, Path target) throws StoreOpenException {
    try (StoreDirectory directory = StoreDirectory.open(dataDirectory)) {
      if (!directory.hasData()) {
        throw new StoreOpenException(
            "There is no store in " + dataDirectory + ": nothing to back up.");
      }
      try (Database database = Database.open(directory.database(), false, StoreBounds.DEFAULT)) {
        create(database, target);
      } catch (RocksDBException | IOException e) {
        throw Opening.refusal(directory, e);
      }
    }
  }

  static void create(Database database, Path target) throws RocksDBException, IOException {
    if (Files.exists(target)) {
      throw new StoreOpenException(
          "The backup target " + target + " exists. Give a path that does not.");
    }
    Files.createDirectories(target);
    try (Checkpoint checkpoint = Checkpoint.create(database.rocks())) {
      checkpoint.createCheckpoint(target.resolve(DATABASE).toString());
    }
    try (StoreDirectory copy = StoreDirectory.open(target)) {
      copy.markCreated();
    }
  }

  /**
   * Makes a store of a backup. The epoch changes: what was accepted after the backup is gone, and its sequences are
   * used again.
   *
   * @param dataDirectory must not hold a store
   */
  public static void restore(Path backup, Path dataDirectory) throws StoreOpenException {
    if (!Files.isDirectory(backup.resolve(DATABASE))) {
      throw new StoreOpenException("There is no backup in " + backup + ".");
    }
    try (StoreDirectory directory = StoreDirectory.open(dataDirectory)) {
      if (directory.hasData() || Files.exists(directory.database())) {
        throw new StoreOpenException("The data directory " + dataDirectory
            + " holds a store already. Move it away, or give another --data-dir.");
      }
      try {
        copyTree(backup.resolve(DATABASE), directory.database());
        changeEpoch(directory);
        directory.markCreated();
      } catch (RocksDBException | IOException e) {
        throw Opening.refusal(directory, e);
      }
    }
  }

  /** Forgets it: the next start gives a new one. Ids that were given out after the backup are left out as well. */
  private static void changeEpoch(StoreDirectory directory) throws RocksDBException {
    try (Database database = Database.open(directory.database(), false, StoreBounds.DEFAULT);
        WriteBatch batch = new WriteBatch()) {
      StoreState.put(database, batch, Meta.EPOCH, 0);
      StoreState.put(
          database,
          batch,
          Meta.MESSAGE_IDS_RESERVED,
          StoreState.get(database, Meta.MESSAGE_IDS_RESERVED) + Rebuild.ID_GAP);
      StoreState.put(
          database,
          batch,
          Meta.LAST_USER_ID,
          StoreState.get(database, Meta.LAST_USER_ID) + Rebuild.ID_GAP);
      database.write(batch, true);
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else if (!file.getFileName().toString().equals("LOCK")) {
          Files.copy(file, copy);
        }
      }
    }
  }
}

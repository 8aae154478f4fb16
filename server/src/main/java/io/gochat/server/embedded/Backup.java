package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
   * Copies a store that is not running. It stays as it is, of an earlier format too.
   *
   * @param target must not exist
   * @throws StoreOpenException when the store is in use or damaged, or the target exists
   */
  public static void create(Path dataDirectory, Path target) throws StoreOpenException {
    try (StoreDirectory directory = StoreDirectory.openExisting(dataDirectory, "to back up")) {
      try {
        NativeLibrary.load(directory.root());
        String newestLog = Opening.newestLog(directory); // before it is replayed and gone
        try (Database database = Database.openAsItIs(directory.database())) {
          Opening.check(directory, database, newestLog);
          create(database, target, directory.format());
        }
      } catch (RocksDBException | IOException e) {
        throw Opening.refusal(directory, e);
      }
    }
  }

  /** Without {@code gochat.format}, which comes last, it is none. */
  static void create(Database database, Path target, int format)
      throws RocksDBException, IOException {
    if (Files.exists(target)) {
      throw new StoreOpenException(
          "The backup target " + target + " exists. Give a path that does not.");
    }
    PrivateFiles.createDirectories(target);
    try (Checkpoint checkpoint = Checkpoint.create(database.rocks())) {
      checkpoint.createCheckpoint(target.resolve(DATABASE).toString());
    }
    try (StoreDirectory copy = StoreDirectory.open(target)) {
      copy.mark(format);
    }
  }

  /**
   * Makes a store of a backup. The epoch changes: what was accepted after the backup is gone, and its sequences are
   * used again. All sessions end, because some of them may have been revoked since. It is made beside, and moved into
   * place when it is whole.
   *
   * @param dataDirectory must not hold a store
   */
  public static void restore(Path backup, Path dataDirectory) throws StoreOpenException {
    checkReadable(backup);
    try (StoreDirectory directory = StoreDirectory.openForRestore(dataDirectory)) {
      if (directory.hasData() || Files.exists(directory.database())) {
        throw new StoreOpenException("The data directory " + dataDirectory
            + " holds a store already. Move it away, or give another --data-dir.");
      }
      try {
        NativeLibrary.load(directory.root());
        Path restoring = directory.restoring();
        PrivateFiles.deleteTree(restoring);
        PrivateFiles.copyTree(backup.resolve(DATABASE), restoring);
        beginAnew(restoring);
        PrivateFiles.syncTree(restoring);
        Files.deleteIfExists(directory.mark()); // of a store that is no longer here
        Files.move(restoring, directory.database(), StandardCopyOption.ATOMIC_MOVE);
        directory.markCreated();
      } catch (RocksDBException | IOException e) {
        throw Opening.refusal(directory, e);
      }
    }
  }

  private static void checkReadable(Path backup) throws StoreOpenException {
    if (!Files.isDirectory(backup.resolve(DATABASE))) {
      throw new StoreOpenException("There is no backup in " + backup + ".");
    }
    try {
      StoreDirectory.checkBackup(backup);
    } catch (IOException e) {
      throw e instanceof StoreOpenException refusal
          ? refusal
          : new StoreOpenException("The backup in " + backup + " cannot be read: " + e, e);
    }
  }

  /** Forgets the epoch: the next start gives a new one, and leaves out the ids that were given out after the backup. */
  private static void beginAnew(Path restoring) throws RocksDBException {
    try (Database database = Database.open(restoring, false, StoreBounds.DEFAULT);
        WriteBatch batch = new WriteBatch()) {
      FormatStep.finish(database);
      Meta.EPOCH.put(database, batch, 0);
      Meta.TRUSTED_MS.put(database, batch, 0); // a backup may be of any age
      // But not what was revoked of tokens that others issued: those would live again.
      batch.deleteRange(database.handle(Family.SESSIONS), new byte[0], SessionRows.FIRST_EXTERNAL);
      batch.deleteRange(
          database.handle(Family.SESSIONS), SessionRows.BEHIND_EXTERNAL, new byte[] {(byte) 0xff});
      database.write(batch, true);
      database.flush();
    }
  }
}

package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The data directory: whose it is, which layout it has, and how far it was written. Not thread-safe; opened and closed
 * by the store.
 *
 * <pre>
 * gochat.lock    held for as long as the store is open; the owner's process id inside
 * gochat.format  the layout's number; written once the database exists, so its presence means "data is here"
 * gochat.mark    see {@link CommitMark}
 * native/        see {@link NativeLibrary}
 * db/            RocksDB
 * db.restoring/  a restore that is under way, or was cut off
 * db.repaired/   what a repair made, whole, and is about to move into place
 * </pre>
 */
final class StoreDirectory implements AutoCloseable {
  /**
   * The layout that this version writes. It reads earlier ones as well, and {@linkplain FormatStep brings them} to this
   * one.
   */
  static final int FORMAT = 2;

  private static final String LOCK = "gochat.lock";
  private static final String FORMAT_FILE = "gochat.format";
  private static final String MARK = "gochat.mark";
  private static final String DATABASE = "db";

  private final Path root;
  private final FileChannel lockChannel;

  private StoreDirectory(Path root, FileChannel lockChannel) {
    this.root = root;
    this.lockChannel = lockChannel;
  }

  /** Makes the directory when missing, takes the lock and checks the layout. */
  static StoreDirectory open(Path root) throws StoreOpenException {
    return open(root, StoreDirectory::checkFormat);
  }

  /** Takes the lock; of the layout it only wants to know that it is not a newer one. */
  static StoreDirectory openForRepair(Path root) throws StoreOpenException {
    return open(root, StoreDirectory::refuseNewer);
  }

  /** Takes the lock of a directory that has data; {@code toDo} says what it would be for. */
  static StoreDirectory openExisting(Path root, String toDo) throws StoreOpenException {
    if (!Files.isDirectory(root)) {
      throw nothing(root, toDo);
    }
    return open(root, directory -> {
      if (!directory.hasData()) {
        throw nothing(root, toDo);
      }
      directory.checkFormat();
    });
  }

  private static StoreOpenException nothing(Path root, String toDo) {
    return new StoreOpenException("There is no store in " + root + ": nothing " + toDo + ".");
  }

  /** Takes the lock; what is there is none of its business, as long as it is no store. */
  static StoreDirectory openForRestore(Path root) throws StoreOpenException {
    return open(root, directory -> {});
  }

  /** Whether what is in {@code backup} is whole, and not of a newer version. */
  static void checkBackup(Path backup) throws IOException {
    int format = format(backup.resolve(FORMAT_FILE));
    if (format < 1) {
      throw new StoreOpenException(
          "The backup in " + backup + " is not whole: it lacks " + FORMAT_FILE + ".");
    }
    refuseNewer(backup, format, "Restore it with that version.");
  }

  /** What is looked at once the lock is held. */
  @FunctionalInterface
  private interface Check {
    void of(StoreDirectory directory) throws IOException;
  }

  private static StoreDirectory open(Path root, Check check) throws StoreOpenException {
    FileChannel channel;
    try {
      PrivateFiles.createDirectories(root);
      channel = PrivateFiles.open(root.resolve(LOCK));
    } catch (IOException e) {
      throw EnvironmentFault.of(root, e)
          .orElseGet(() -> new StoreOpenException(
              "The data directory " + root + " cannot be used: " + e + ". Give another --data-dir.",
              e));
    }
    try {
      lock(root, channel);
      StoreDirectory directory = new StoreDirectory(root, channel);
      check.of(directory);
      return directory;
    } catch (IOException e) {
      closeQuietly(channel);
      if (e instanceof StoreOpenException refusal) {
        throw refusal;
      }
      throw EnvironmentFault.of(root, e)
          .orElseGet(() ->
              new StoreOpenException("The data directory " + root + " cannot be used: " + e, e));
    }
  }

  private static void lock(Path root, FileChannel channel) throws IOException {
    @Nullable FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held by another store of this process; the same answer as for another process.
    }
    if (lock == null) {
      throw new StoreOpenException("The data directory " + root
          + " is in use by another process" + owner(channel)
          + ". Stop that one, or give another --data-dir.");
    }
    channel.truncate(0);
    channel.write(
        ByteBuffer.wrap(
            Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
        0);
  }

  private static String owner(FileChannel channel) {
    try {
      ByteBuffer buffer = ByteBuffer.allocate(20);
      int read = channel.read(buffer, 0);
      return read <= 0
          ? ""
          : " (process " + new String(buffer.array(), 0, read, StandardCharsets.US_ASCII) + ")";
    } catch (IOException e) {
      return "";
    }
  }

  private void checkFormat() throws IOException {
    if (!hasData()) {
      refuseOrphans();
      return;
    }
    if (format() < 1) {
      throw new StoreOpenException("The file " + formatFile() + " is damaged: it should hold "
          + FORMAT + ". Restore a backup, or run './gochat repair --data-dir " + root + "'.");
    }
    refuseNewer();
  }

  private void refuseNewer() throws IOException {
    refuseNewer(root, format(), "Start that version, or give another --data-dir.");
  }

  private static void refuseNewer(Path root, int format, String wayOut) throws StoreOpenException {
    if (format > FORMAT) {
      throw new StoreOpenException("The data directory " + root
          + " was written by a newer version of GoChat (format " + format
          + ", this version reads " + FORMAT + "). " + wayOut);
    }
  }

  /** What the format file says; −1 when it is missing or says nothing sensible. */
  int format() throws IOException {
    return format(formatFile());
  }

  private static int format(Path file) throws IOException {
    if (!Files.exists(file)) {
      return -1;
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
  }

  /** Database files without our format file: creating an empty store over them would lose them silently. */
  private void refuseOrphans() throws IOException {
    if (Files.exists(restoring()) && !Files.exists(database())) {
      throw new StoreOpenException("A restore into " + root
          + " did not come to its end. Run it again, or delete " + restoring() + ".");
    }
    if (!Files.isDirectory(database()) || Files.exists(database().resolve("CURRENT"))) {
      return; // nothing there, or a creation that was cut short before anything could be accepted
    }
    try (Stream<Path> files = Files.list(database())) {
      Path orphan =
          files.filter(file -> file.toString().endsWith(".sst")).findFirst().orElse(null);
      if (orphan != null) {
        throw new StoreOpenException("The data directory " + root + " holds " + orphan
            + " but neither " + FORMAT_FILE + " nor db/CURRENT. Restore a backup, or run "
            + "'./gochat repair --data-dir " + root + "'.");
      }
    }
  }

  /** Whether a store was completely created here before. */
  boolean hasData() {
    return Files.exists(formatFile());
  }

  /** The database exists and is initialised: from now on it is never created anew here, and no older version opens it. */
  void markCreated() throws IOException {
    mark(FORMAT);
  }

  /** The same, with what was written by the version that wrote {@code format}. */
  void mark(int format) throws IOException {
    Path temporary = root.resolve(FORMAT_FILE + ".new");
    try (FileChannel channel = PrivateFiles.open(temporary)) {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((format + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
      channel.force(true);
    }
    Files.move(temporary, formatFile(), StandardCopyOption.ATOMIC_MOVE);
    PrivateFiles.sync(root);
  }

  Path root() {
    return root;
  }

  Path database() {
    return root.resolve(DATABASE);
  }

  Path restoring() {
    return root.resolve("db.restoring");
  }

  Path repaired() {
    return root.resolve("db.repaired");
  }

  Path mark() {
    return root.resolve(MARK);
  }

  private Path formatFile() {
    return root.resolve(FORMAT_FILE);
  }

  @Override
  public void close() {
    closeQuietly(lockChannel);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // Only the lock was in it, and the lock is gone either way.
    }
  }
}

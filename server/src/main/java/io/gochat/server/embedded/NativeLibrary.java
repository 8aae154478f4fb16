package io.gochat.server.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * Where RocksDB's native library is loaded from: {@code native/} in the data directory, in which it stays for the next
 * start. Left to itself RocksDB unpacks 17 MB into the temp directory at every start, and they stay there. Thread-safe.
 */
final class NativeLibrary {
  private static final String DIRECTORY = "native";

  private static boolean loaded; // guarded by the class

  private NativeLibrary() {}

  /** Unpacks it where it is not yet, and loads it; without effect when that was done. */
  static synchronized void load(Path dataDirectory) throws StoreOpenException {
    if (loaded) {
      return;
    }
    Path directory = dataDirectory.resolve(DIRECTORY);
    try {
      Packed packed = Packed.find();
      Path home = directory.resolve(packed.version());
      if (!packed.isIn(home)) {
        PrivateFiles.createDirectories(directory);
        PrivateFiles.createDirectories(home);
        packed.unpack(home);
      }
      deleteOthers(directory, home);
      RocksDB.loadLibrary(List.of(home.toAbsolutePath().toString()));
      loaded = true;
    } catch (IOException e) {
      throw EnvironmentFault.of(dataDirectory, e)
          .orElseGet(() -> refusal(directory, e.toString(), e));
    } catch (UnsatisfiedLinkError | RuntimeException e) {
      throw refusal(directory, String.valueOf(e.getMessage()), e);
    }
  }

  /** Loads it if an earlier start has unpacked it; makes nothing, and says nothing. */
  static void loadIfThere(Path dataDirectory) {
    try {
      Packed packed = Packed.find();
      if (packed.isIn(dataDirectory.resolve(DIRECTORY).resolve(packed.version()))) {
        load(dataDirectory);
      }
    } catch (IOException e) {
      // Opening the store meets the same and says so.
    }
  }

  /** How much of the data directory it takes. */
  static long size(Path dataDirectory) throws IOException {
    Path directory = dataDirectory.resolve(DIRECTORY);
    return Files.isDirectory(directory) ? PrivateFiles.size(directory) : 0;
  }

  private static StoreOpenException refusal(Path directory, String what, Throwable cause) {
    return new StoreOpenException(
        "The native library of the store cannot be loaded from " + directory + ": " + what
            + ". It needs a file system that lets programs run (is this one mounted noexec?): give another"
            + " --data-dir.",
        cause);
  }

  private static void deleteOthers(Path directory, Path home) throws IOException {
    List<Path> others;
    try (Stream<Path> all = Files.list(directory)) {
      others = all.filter(each -> !each.equals(home)).toList();
    }
    for (Path other : others) {
      PrivateFiles.deleteTree(other);
    }
  }

  /**
   * The library in our jar.
   *
   * @param bytes its size
   * @param checksum of its bytes, as the jar has it; 0: it is not in a jar
   */
  private record Packed(URL url, long bytes, long checksum) {
    private static final String NAME = Environment.getJniLibraryFileName("rocksdb");
    /** {@code RocksDB.loadLibrary(paths)} looks for another name than the one in its jar. */
    private static final String LOADED_AS = Environment.getJniLibraryFileName("rocksdbjni");

    static Packed find() throws IOException {
      String fallback = Environment.getFallbackJniLibraryFileName("rocksdb");
      for (String name : List.of(NAME, String.valueOf(fallback))) {
        URL url = RocksDB.class.getClassLoader().getResource(name);
        if (url != null) {
          URLConnection connection = url.openConnection();
          long checksum =
              connection instanceof JarURLConnection jar ? jar.getJarEntry().getCrc() : 0;
          return new Packed(url, connection.getContentLengthLong(), checksum);
        }
      }
      throw new IOException("this jar has none for this machine (" + NAME + ")");
    }

    String version() {
      return Long.toHexString(checksum) + "-" + bytes;
    }

    boolean isIn(Path home) throws IOException {
      Path file = home.resolve(LOADED_AS);
      return Files.exists(file) && Files.size(file) == bytes;
    }

    /** Whole or not at all; a process that has it loaded keeps what it has. */
    void unpack(Path home) throws IOException {
      Path unpacking = home.resolve(LOADED_AS + "." + ProcessHandle.current().pid());
      try (InputStream in = url.openStream();
          FileChannel out = PrivateFiles.open(unpacking)) {
        in.transferTo(Channels.newOutputStream(out));
        out.truncate(out.position());
        out.force(true);
      }
      Files.move(unpacking, home.resolve(LOADED_AS), StandardCopyOption.ATOMIC_MOVE);
    }
  }
}

package io.gochat.bench.verify;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;

/**
 * The wall clock of a server that a run has started, which it can set wrong by weeks: the server adds what a file says.
 * Confined to the thread that injects faults.
 */
final class ServerClock {
  /** The system property of the server that names the file. */
  static final String PROPERTY = "gochat.clock.file";

  private static final Duration LEAST = Duration.ofDays(1);
  private static final Duration MOST = Duration.ofDays(40);

  private final Path file;

  ServerClock(Path file) {
    this.file = file;
  }

  /** Where the clock of the server with this data directory is moved. */
  static Path file(Path dataDir) {
    return dataDir.resolveSibling(dataDir.getFileName() + ".clock");
  }

  /** How far to move it: days to weeks, by {@code strength} from 0 to 1. */
  static Duration weeks(double strength) {
    return LEAST.plusMillis(Math.round(strength * MOST.minus(LEAST).toMillis()));
  }

  /** The same into the past, but to no time before the server was built, at which it would refuse to start. */
  static Duration weeksBack(double strength) {
    Duration age = Duration.between(built(), Instant.now()).dividedBy(2);
    Duration wanted = weeks(strength);
    return (wanted.compareTo(age) < 0 ? wanted : age).negated();
  }

  /** It is wrong by this from now on. */
  void moveBy(Duration offset) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, Long.toString(offset.toMillis()));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** It is right again. */
  void setRight() throws IOException {
    Files.deleteIfExists(file);
  }

  private static Instant built() {
    Properties properties = new Properties();
    try (InputStream in =
        ServerClock.class.getResourceAsStream("/io/gochat/server/clock/build.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Instant.parse(properties.getProperty("built"));
  }
}

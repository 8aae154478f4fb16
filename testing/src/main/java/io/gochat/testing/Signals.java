package io.gochat.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the processes that a test starts hear: they inherit the signals that are ignored here, as behind {@code nohup}, or
 * in the background of a script, and the JVM then ignores them as well. Stateless.
 */
public final class Signals {
  private static final int HANG_UP = 1;
  private static final int INTERRUPT = 2;
  private static final Path STATUS = Path.of("/proc/self/status");

  private Signals() {}

  /** Skips the test where SIGHUP reaches nobody. */
  public static void assumeHangUpIsHeard() throws IOException {
    assumeHeard(HANG_UP, "SIGHUP");
  }

  /** Skips the test where Ctrl-C reaches nobody. */
  public static void assumeInterruptIsHeard() throws IOException {
    assumeHeard(INTERRUPT, "SIGINT");
  }

  private static void assumeHeard(int signal, String name) throws IOException {
    assumeTrue(
        (ignored() & 1L << (signal - 1)) == 0,
        name + " is ignored in this process (nohup, or the background of a script)");
  }

  /** A bit per signal; none where the system does not say. */
  private static long ignored() throws IOException {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
        .findFirst()
        .orElse(0);
  }
}

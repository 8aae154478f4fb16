package io.gochat.bench.load;

import io.gochat.bench.process.ProcessProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Bytes of live objects in another JVM, from the JDK's own {@code jcmd}: its class histogram collects garbage first.
 * Stateless.
 */
final class HeapProbe {
  private static final long TIMEOUT_S = 60;

  private HeapProbe() {}

  /** The bytes; NaN when they cannot be had (no {@code jcmd}, not a JVM, another user's). */
  static double liveBytes(ProcessProbe process) throws InterruptedException {
    try {
      Path histogram = Files.createTempFile("gochat-heap", ".txt");
      try {
        return measure(process, histogram);
      } finally {
        Files.deleteIfExists(histogram);
      }
    } catch (IOException | NumberFormatException e) {
      return Double.NaN;
    }
  }

  /**
   * Through a file, not a pipe: the JVM that is asked may be this one, and newer ones write their answer while every
   * thread of theirs stands still, the reader of the pipe among them.
   */
  private static double measure(ProcessProbe process, Path histogram)
      throws IOException, InterruptedException {
    Process jcmd = new ProcessBuilder(jcmd(), Long.toString(process.pid()), "GC.class_histogram")
        .redirectErrorStream(true)
        .redirectOutput(histogram.toFile())
        .start();
    if (!jcmd.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
      jcmd.destroyForcibly();
      return Double.NaN;
    }
    double live = Double.NaN;
    for (String line : Files.readAllLines(histogram)) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length == 3 && fields[0].equals("Total")) {
        live = Double.parseDouble(fields[2]);
      }
    }
    return live;
  }

  /** Of the JDK that runs this, where it has one. */
  private static String jcmd() {
    Path own = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    return Files.isExecutable(own) ? own.toString() : "jcmd";
  }
}

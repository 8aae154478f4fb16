package io.gochat.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Bytes of live objects in another JVM, from the JDK's own {@code jcmd}: its class histogram collects garbage first.
 * Stateless.
 */
final class HeapProbe {
  private HeapProbe() {}

  /** The bytes; NaN when they cannot be had (no {@code jcmd}, not a JVM, another user's). */
  static double liveBytes(ServerProcess process) {
    double live = Double.NaN;
    try {
      Process jcmd = new ProcessBuilder("jcmd", Long.toString(process.pid()), "GC.class_histogram")
          .redirectErrorStream(true)
          .start();
      try (BufferedReader lines = jcmd.inputReader(StandardCharsets.UTF_8)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          String[] fields = line.strip().split("\\s+", -1);
          if (fields.length == 3 && fields[0].equals("Total")) {
            live = Double.parseDouble(fields[2]);
          }
        }
      }
    } catch (IOException | NumberFormatException e) {
      return Double.NaN;
    }
    return live;
  }
}

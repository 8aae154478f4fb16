package io.gochat.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the whole machine has done so far, from {@code /proc/stat}. Immutable.
 *
 * @param busyNs CPU time of everybody
 * @param stolenNs CPU time that the hypervisor gave to others
 */
record Machine(long busyNs, long stolenNs) {
  private static final long NS_PER_TICK = 10_000_000;

  /** The figures now; zeros where there is no such file. */
  static Machine now() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
        if (line.startsWith("cpu ")) {
          String[] f = line.strip().split("\\s+", -1);
          long busy = Long.parseLong(f[1])
              + Long.parseLong(f[2])
              + Long.parseLong(f[3])
              + Long.parseLong(f[6])
              + Long.parseLong(f[7]);
          long stolen = Long.parseLong(f[8]);
          return new Machine((busy + stolen) * NS_PER_TICK, stolen * NS_PER_TICK);
        }
      }
    } catch (IOException e) {
      // Not Linux.
    }
    return new Machine(0, 0);
  }
}

package io.gochat.server.config;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The memory that this process may use, in bytes. Immutable.
 *
 * @param heapBytes {@code -Xmx}, or what the JVM takes without it
 * @param directBytes buffers outside the heap: {@code -XX:MaxDirectMemorySize}, without it as much as the heap
 * @param processBytes all together: the machine's memory, or the limit of its control group; empty: not known
 */
public record Memory(long heapBytes, long directBytes, OptionalLong processBytes) {
  private static final long COMFORTABLE = 256L << 20;
  private static final Path PROC = Path.of("/proc");
  private static final Path CGROUP = Path.of("/sys/fs/cgroup");

  /** What there is here. Read from files, because asking the JVM takes a good part of the start. */
  public static Memory ofThisProcess() {
    return new Memory(
        Runtime.getRuntime().maxMemory(),
        PlatformDependent.estimateMaxDirectMemory(),
        processBytes(PROC, CGROUP));
  }

  /** In words, for the log. */
  public String describe() {
    return "memory: " + (processBytes.isPresent() ? mb(processBytes.getAsLong()) + ", of it " : "")
        + "heap " + mb(heapBytes) + ", direct memory as much as " + mb(directBytes);
  }

  /** What to tell the operator of a process that has little; empty: it has enough for most. */
  public Optional<String> warning() {
    return processBytes.isPresent() && processBytes.getAsLong() < COMFORTABLE
        ? Optional.of("the " + mb(processBytes.getAsLong())
            + " that this process may use are little: a container should have 256MB or more, or the kernel may"
            + " end it without a word")
        : Optional.empty();
  }

  private static String mb(long bytes) {
    return (bytes >> 20) + "MB";
  }

  /** The least of the machine's memory and of every limit on the way from this process's group to the root. */
  static OptionalLong processBytes(Path proc, Path cgroup) {
    OptionalLong least = machineBytes(proc);
    for (String line : lines(proc.resolve("self/cgroup"))) {
      String[] parts = line.split(":", 3); // 0::/a/b, or 4:memory:/a/b
      if (parts.length == 3 && parts[1].isEmpty()) {
        least = least(least, cgroup, parts[2], "memory.max");
      } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
        least = least(least, cgroup.resolve("memory"), parts[2], "memory.limit_in_bytes");
      }
    }
    return least;
  }

  private static OptionalLong least(OptionalLong known, Path root, String group, String file) {
    OptionalLong least = known;
    Path own = root.resolve(group.substring(1)).normalize();
    // A container sees its own group as the root, and its path as it is outside.
    Path directory = own.startsWith(root) ? own : root;
    while (directory != null && directory.startsWith(root)) {
      for (String line : lines(directory.resolve(file))) {
        if (line.matches("\\d{1,18}")) { // "max" is none, and so is what has 19 digits
          long limit = Long.parseLong(line);
          least = OptionalLong.of(Math.min(limit, least.orElse(limit)));
        }
      }
      directory = directory.getParent();
    }
    return least;
  }

  private static OptionalLong machineBytes(Path proc) {
    for (String line : lines(proc.resolve("meminfo"))) {
      if (line.matches("MemTotal:\\s+\\d{1,15} kB")) {
        return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) << 10);
      }
    }
    return OptionalLong.empty();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of(); // a limit that cannot be read is not known
    }
  }
}

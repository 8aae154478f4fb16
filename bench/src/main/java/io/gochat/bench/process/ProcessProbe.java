package io.gochat.bench.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code /proc} says about a local server: one process, or one per node, added up. Immutable; each question reads the
 * files anew, and a process that has ended answers 0.
 *
 * @param pids their ids, at least one
 */
public record ProcessProbe(List<Long> pids) {
  private static final long NS_PER_TICK = 10_000_000;
  private static final long PAGE_BYTES = 4096;
  private static final String LISTENING = "0A";

  public ProcessProbe(long pid) {
    this(List.of(pid));
  }

  /** The first process: the only one unless there are several nodes. */
  public long pid() {
    return pids.get(0);
  }

  /** The process that listens on {@code port} here, if it can be found. */
  public static Optional<ProcessProbe> listeningOn(int port) {
    for (String table : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
      Optional<ProcessProbe> found = inodeOf(Path.of(table), port).flatMap(ProcessProbe::owning);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** Its CPU time so far, user and system, of all threads, ns. The kernel counts it in 10 ms. */
  public long cpuNs() {
    return pids.stream().mapToLong(ProcessProbe::cpuNsOf).sum();
  }

  private static long cpuNsOf(long pid) {
    String stat = read(pid, "stat");
    int end = stat.lastIndexOf(')');
    if (end < 0) {
      return 0;
    }
    String[] fields = stat.substring(end + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NS_PER_TICK;
  }

  /** How the first was started, without what is secret; empty where the system does not tell. */
  public String commandLine() {
    return String.join(" ", read(pid(), "cmdline").split("\0", -1))
        .strip()
        .replaceAll(" -cp \\S+", "") // long, and the program's own business
        .replaceAll("(--[a-z-]*(?:token|password|secret|key)[a-z-]*[= ])\\S+", "$1…")
        .replaceAll("(rediss?[a-z+-]*://)[^@\\s]*@", "$1…@");
  }

  /** Its resident memory. */
  public long rssBytes() {
    return pids.stream().mapToLong(ProcessProbe::rssBytesOf).sum();
  }

  private static long rssBytesOf(long pid) {
    String[] fields = read(pid, "statm").split(" ", -1);
    return fields.length < 2 ? 0 : Long.parseLong(fields[1]) * PAGE_BYTES;
  }

  /** Whether all of it is still there. */
  public boolean isAlive() {
    return pids.stream().allMatch(pid -> Files.isDirectory(Path.of("/proc/" + pid)));
  }

  /** This process. */
  public static ProcessProbe self() {
    return new ProcessProbe(ProcessHandle.current().pid());
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/" + file), StandardCharsets.UTF_8)
          .strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static Optional<String> inodeOf(Path table, int port) {
    String suffix = String.format(":%04X", port);
    try {
      for (String line : Files.readAllLines(table)) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields.length > 9 && fields[1].endsWith(suffix) && fields[3].equals(LISTENING)) {
          return Optional.of(fields[9]);
        }
      }
    } catch (IOException e) {
      // Not Linux, or no such table: the caller gets no figures of the server.
    }
    return Optional.empty();
  }

  private static Optional<ProcessProbe> owning(String inode) {
    Path wanted = Path.of("socket:[" + inode + "]");
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (owns(process, wanted)) {
          return Optional.of(
              new ProcessProbe(Long.parseLong(process.getFileName().toString())));
        }
      }
    } catch (IOException e) {
      // As above.
    }
    return Optional.empty();
  }

  private static boolean owns(Path process, Path wanted) {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        if (Files.isSymbolicLink(descriptor) && isLinkTo(descriptor, wanted)) {
          return true;
        }
      }
    } catch (IOException e) {
      // Another user's process, or one that has just ended.
    }
    return false;
  }

  private static boolean isLinkTo(Path link, Path wanted) {
    try {
      return Files.readSymbolicLink(link).equals(wanted);
    } catch (IOException e) {
      return false;
    }
  }
}

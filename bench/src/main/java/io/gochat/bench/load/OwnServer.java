package io.gochat.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server that a run starts for itself, in a process of its own with the JVM and the flags of {@code ./gochat}. Not
 * thread-safe; ends the process on {@link #close()}, and forgets its data.
 */
final class OwnServer implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("\\S+ ready on \\S*:(\\d+) in .*");
  private static final int UNSAFE_WARNS_FROM = 24;
  private static final long STOP_S = 15;

  private final Process process;
  private final int port;
  private final @Nullable Path data;

  private OwnServer(Process process, int port, @Nullable Path data) {
    this.process = process;
    this.port = port;
    this.data = data;
  }

  /**
   * GoChat with its defaults, what {@code GOCHAT_…} variables say, and fresh data below the current directory: a
   * temporary directory is often no disk, and what is durable there would cost nothing.
   */
  static OwnServer gochat() throws IOException {
    Path data = Files.createTempDirectory(Path.of("").toAbsolutePath(), "gochat-load-");
    try {
      return start(
          data,
          "io.gochat.server.Main",
          "server",
          "--host=127.0.0.1",
          "--port=0",
          "--data-dir=" + data.resolve("data"));
    } catch (IOException | LoadFailure e) {
      forget(data);
      throw e;
    }
  }

  /** The bare Netty server that HTTP is measured against. */
  static OwnServer hello() throws IOException {
    return start(null, HelloServer.class.getName());
  }

  Target target() throws Target.RefusedTargetException {
    return Target.parse("127.0.0.1:" + port, false);
  }

  ServerProcess process() {
    return new ServerProcess(process.pid());
  }

  /** A place for what belongs to the run; null: it has none. */
  @Nullable
  Path data() {
    return data;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_S, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    forget(data);
  }

  private static OwnServer start(@Nullable Path data, String... mainAndArguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:-UsePerfData",
        "-XX:+UseParallelGC",
        "--enable-native-access=ALL-UNNAMED"));
    if (Runtime.version().feature() >= UNSAFE_WARNS_FROM) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(mainAndArguments));
    Process process = new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    try {
      return new OwnServer(process, readPort(process), data);
    } catch (IOException | LoadFailure e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static int readPort(Process process) throws IOException {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.matches()) {
        return Integer.parseInt(ready.group(1));
      }
    }
    throw new LoadFailure("the server of this run did not start");
  }

  private static void forget(@Nullable Path directory) {
    if (directory == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("gochat load: " + directory + " could not be deleted: " + e.getMessage());
    }
  }
}

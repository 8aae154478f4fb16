package io.gochat.bench.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One {@code redis-server} process with an append-only file that is synced with every write, so that a kill may take
 * nothing back. Empty at first. Confined to one thread at a time; {@link #close} may be called from any.
 */
final class RedisInstance implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  // A cluster's bus takes the port 10,000 above.
  private static final int HIGHEST_PORT = 50_000;

  private final List<String> command;
  private final Path dir;
  private final Path log;
  private final int port;
  private final RedisClient client;
  private volatile Process process;
  private volatile boolean closed;

  private RedisInstance(List<String> command, Path dir, int port) throws IOException {
    this.command = command;
    this.dir = dir;
    this.log = dir.resolveSibling(dir.getFileName() + ".log");
    this.port = port;
    this.process = launch(List.of());
    RedisURI uri = RedisURI.create("127.0.0.1", port);
    uri.setTimeout(Duration.ofSeconds(5));
    this.client = RedisClient.create(uri);
  }

  /** Starts {@code executable} on the directory, which it makes, and waits until it answers. */
  static RedisInstance start(String executable, Path dir, String... settings) throws IOException {
    int port = freePort();
    List<String> command = new ArrayList<>(List.of(
        executable,
        "--bind",
        "127.0.0.1",
        "--port",
        Integer.toString(port),
        "--save",
        "",
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
        // A copy of the directory must not meet a file that is being replaced.
        "--auto-aof-rewrite-percentage",
        "0",
        "--dir",
        Files.createDirectories(dir).toString()));
    command.addAll(List.of(settings));
    RedisInstance redis = run(command, dir, port);
    redis.awaitAnswer();
    return redis;
  }

  private static RedisInstance run(List<String> command, Path dir, int port) throws IOException {
    try {
      return new RedisInstance(command, dir, port);
    } catch (IOException e) {
      throw new IOException(
          "a Redis of the run's own needs redis-server on the PATH, or its path in REDIS_SERVER",
          e);
    }
  }

  /** A port that is free, low enough for a member of a cluster. */
  static int freePort() throws IOException {
    for (int attempt = 0; attempt < 1_000; attempt++) {
      try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (probe.getLocalPort() < HIGHEST_PORT) {
          return probe.getLocalPort();
        }
      }
    }
    throw new IOException("no free port below " + HIGHEST_PORT);
  }

  int port() {
    return port;
  }

  /** One command through a connection of its own. */
  <T> T ask(Function<RedisCommands<String, String>, T> question) {
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      return question.apply(connection.sync());
    }
  }

  /** Whether {@code INFO} has this line. */
  boolean says(String section, String line) {
    return ask(redis -> redis.info(section)).lines().anyMatch(line::equals);
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** A new process on what the old one had written down; {@code more} settings hold for this one. */
  void startAgain(String... more) throws IOException {
    process = launch(List.of(more));
    awaitAnswer();
  }

  /** SIGSTOP, and SIGCONT after a while. */
  void pause(long pauseMs) throws IOException, InterruptedException {
    signal("-STOP");
    try {
      sleep(pauseMs);
    } finally {
      signal("-CONT");
    }
  }

  /** What it has on disk now, in a directory beside it. */
  Path copyOfData() throws IOException {
    Path copy = dir.resolveSibling(dir.getFileName() + "-copy");
    remove(copy);
    copy(dir, copy);
    return copy;
  }

  /** Goes back to what {@link #copyOfData} took; only while it does not run. */
  void putBack(Path copy) throws IOException {
    remove(dir);
    copy(copy, dir);
    remove(copy);
  }

  @Override
  public void close() {
    closed = true;
    process.destroyForcibly();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }

  /** Waits until the condition holds; whom it asks may be dead meanwhile. */
  static void await(String what, BooleanSupplier condition) throws IOException {
    long begun = System.nanoTime();
    while (!holds(condition)) {
      if (System.nanoTime() - begun > PATIENCE.toNanos()) {
        throw new IOException(
            "Redis: " + what + " has not come within " + PATIENCE.toSeconds() + " s");
      }
      sleep(50);
    }
  }

  private static boolean holds(BooleanSupplier condition) {
    try {
      return condition.getAsBoolean();
    } catch (RedisException e) {
      return false;
    }
  }

  static void sleep(long ms) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ms));
  }

  private Process launch(List<String> more) throws IOException {
    if (closed) {
      throw new IOException("the run has ended");
    }
    List<String> all = new ArrayList<>(command);
    all.addAll(more);
    return new ProcessBuilder(all)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private void awaitAnswer() throws IOException {
    try {
      await(
          "an answer of " + command.get(0),
          () -> !process.isAlive() || "PONG".equals(ask(RedisCommands::ping)));
    } catch (IOException e) {
      close();
      throw e;
    }
    if (!process.isAlive()) {
      throw new IOException(command.get(0) + " did not start; see " + log);
    }
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", name, Long.toString(process.pid())).start().waitFor();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static void remove(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

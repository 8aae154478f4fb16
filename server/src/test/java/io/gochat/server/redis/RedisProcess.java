package io.gochat.server.redis;

import io.gochat.testing.RedisBinary;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.awaitility.Awaitility;

/**
 * A real Redis of a test: {@code redis-server} 7 or later from {@code REDIS_SERVER} or the path, else the 6.2 that the
 * embedded-redis jar carries. Confined to the test's thread.
 */
public final class RedisProcess implements AutoCloseable {
  private static final Path BINARY = findBinary();
  private static final RedisClient CLIENT = client();

  private final Path directory;
  private final int port;
  private final List<String> settings;
  private volatile Process process;

  private RedisProcess(Path directory, int port, List<String> settings) {
    this.directory = directory;
    this.port = port;
    this.settings = settings;
    this.process = launch();
    // A test that fails while it is being set up closes nothing.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroyForcibly()));
    awaitAnswer();
  }

  /** Starts one that keeps an append-only file, with further settings as on the command line. */
  public static RedisProcess start(String... settings) {
    try {
      return new RedisProcess(
          Files.createTempDirectory("gochat-redis"), freePort(), List.of(settings));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the binary is 7 or later; 6.2 has no sharded pub/sub. */
  public static boolean isSeven() {
    try {
      Process version = new ProcessBuilder(BINARY.toString(), "--version").start();
      String text = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return !text.contains("v=6.");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the binary was built with TLS. */
  static boolean speaksTls() throws IOException {
    // Without an open port it says so and ends; without TLS it does not know the setting.
    Process asked = new ProcessBuilder(
            BINARY.toString(), "--port", "0", "--tls-port", "0", "--tls-auth-clients", "no")
        .redirectErrorStream(true)
        .start();
    String text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return text.contains("not listen anywhere");
  }

  static Path binary() {
    return BINARY;
  }

  /** Its port. */
  public int port() {
    return port;
  }

  /** Where it listens. */
  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** One command through a connection of its own. */
  public <T> T ask(Function<io.lettuce.core.api.sync.RedisCommands<String, String>, T> question) {
    try (StatefulRedisConnection<String, String> connection =
        CLIENT.connect(io.lettuce.core.RedisURI.create(uri()))) {
      return question.apply(connection.sync());
    }
  }

  /** SIGKILL. */
  public void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts again on the same port and directory. */
  public void startAgain() {
    process = launch();
    awaitAnswer();
  }

  /** Removes what it has on disk; only while it is not running. */
  void forgetEverything() {
    deleteTree(directory, true);
  }

  private static void deleteTree(Path root, boolean keepRoot) {
    try (var files = Files.walk(root)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        if (!keepRoot || !file.equals(root)) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it has on disk now, beside it; what was written before is in it under {@code appendfsync always}. */
  public Path copyOfData() {
    Path copy = directory.resolveSibling(directory.getFileName() + "-copy");
    copyTree(directory, copy);
    return copy;
  }

  /** Goes back to what {@link #copyOfData} took; only while it is not running. The copy is used up. */
  public void putBack(Path copy) {
    forgetEverything();
    copyTree(copy, directory);
    deleteTree(copy, false);
  }

  private static void copyTree(Path from, Path to) {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (!Files.isDirectory(target)) {
          Files.copy(file, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGSTOP. */
  public void pause() {
    signal("-STOP");
  }

  /** SIGCONT. */
  public void resume() {
    signal("-CONT");
  }

  @Override
  public void close() {
    kill();
    forgetEverything();
    directory.toFile().delete();
  }

  private void signal(String signal) {
    try {
      new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Process launch() {
    List<String> command = new ArrayList<>(List.of(
        BINARY.toString(),
        "--port",
        Integer.toString(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        directory.toString(),
        "--save",
        "",
        "--appendonly",
        "yes"));
    command.addAll(settings);
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(directory.resolve("log.txt").toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitAnswer() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(RedisException.class)
        .until(() -> "PONG".equals(ask(redis -> redis.ping())));
  }

  private static RedisClient client() {
    return RedisClient.create();
  }

  static int freePort() throws IOException {
    // Below 50000, because a cluster's bus takes the port 10,000 above.
    for (int attempt = 0; attempt < 100; attempt++) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (socket.getLocalPort() < 50_000) {
          return socket.getLocalPort();
        }
      }
    }
    throw new IOException("no free port below 50000");
  }

  private static Path findBinary() {
    try {
      return Path.of(RedisBinary.find(Files.createTempDirectory("gochat-redis-server")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

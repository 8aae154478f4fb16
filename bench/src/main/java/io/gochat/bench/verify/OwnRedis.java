package io.gochat.bench.verify;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A Redis in a process of its own, for nodes that share one; empty at first, and nothing of it is kept. It syncs every
 * write, so that a kill may take nothing back. Confined to one thread at a time; the counters may be read from any.
 */
final class OwnRedis implements AutoCloseable {
  private static final int ATTEMPTS = 200;
  private static final byte[] DROP_NOTIFICATIONS =
      "CLIENT KILL TYPE pubsub\r\n".getBytes(StandardCharsets.US_ASCII);

  private final List<String> command;
  private final Path log;
  private final int port;
  private final AtomicLong restarts = new AtomicLong();
  private final AtomicLong cuts = new AtomicLong();
  private volatile Process process;

  private OwnRedis(List<String> command, Path log, int port) throws IOException {
    this.command = command;
    this.log = log;
    this.port = port;
    this.process = launch();
  }

  /** Starts {@code executable} and waits until it listens. */
  static OwnRedis start(String executable, Path dir) throws IOException {
    int port = freePort();
    List<String> command = List.of(
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
        "--dir",
        Files.createDirectories(dir.resolve("redis")).toString());
    OwnRedis redis;
    try {
      redis = new OwnRedis(command, dir.resolve("redis.log"), port);
    } catch (IOException e) {
      throw new IOException(
          "--redis=auto needs redis-server on the PATH, or its path in REDIS_SERVER; or give --redis=URI",
          e);
    }
    redis.awaitAnswer();
    return redis;
  }

  private Process launch() throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private void awaitAnswer() throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS && process.isAlive(); attempt++) {
      if (listens()) {
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    close();
    throw new IOException(command.get(0) + " did not start; see " + log);
  }

  String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** SIGKILL, a moment of nothing, and a new process with what the old one had written down. */
  void killAndRestart(long downMs) throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(downMs));
    process = launch();
    awaitAnswer();
    restarts.incrementAndGet();
  }

  /** Cuts every connection on which something is subscribed. */
  void dropNotifications() throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(DROP_NOTIFICATIONS);
      byte[] answer = new byte[32];
      int read = socket.getInputStream().read(answer);
      String killed = read <= 0 ? "" : new String(answer, 0, read, StandardCharsets.US_ASCII);
      if (!killed.startsWith(":")) {
        throw new IOException("Redis does not cut its notifications: " + killed.trim());
      }
      cuts.addAndGet(Long.parseLong(killed.substring(1).trim()));
    }
  }

  /** How often it was killed and came back. */
  long restarts() {
    return restarts.get();
  }

  /** How many connections with subscriptions were cut. */
  long cuts() {
    return cuts.get();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(5_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
    return socket;
  }

  private boolean listens() {
    try (Socket probe = connect()) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

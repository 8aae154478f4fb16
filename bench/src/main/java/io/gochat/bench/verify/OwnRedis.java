package io.gochat.bench.verify;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A Redis in a process of its own, for nodes that share one; empty at first, and nothing of it is kept. Immutable. */
final class OwnRedis implements AutoCloseable {
  private static final int ATTEMPTS = 200;

  private final Process process;
  private final int port;

  private OwnRedis(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts {@code redis-server} from the PATH, or what REDIS_SERVER names, and waits until it listens. */
  static OwnRedis start(Path dir) throws IOException {
    String executable = System.getenv().getOrDefault("REDIS_SERVER", "redis-server");
    int port = freePort();
    List<String> command = List.of(
        executable,
        "--bind",
        "127.0.0.1",
        "--port",
        Integer.toString(port),
        "--save",
        "",
        "--dir",
        dir.toString());
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("redis.log").toFile());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new IOException(
          "--redis=auto needs redis-server on the PATH, or its path in REDIS_SERVER; or give --redis=URI",
          e);
    }
    OwnRedis redis = new OwnRedis(process, port);
    for (int attempt = 0; attempt < ATTEMPTS && process.isAlive(); attempt++) {
      if (redis.listens()) {
        return redis;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    redis.close();
    throw new IOException(executable + " did not start; see " + dir.resolve("redis.log"));
  }

  String uri() {
    return "redis://127.0.0.1:" + port;
  }

  private boolean listens() {
    try (Socket probe = new Socket()) {
      probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      return true;
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

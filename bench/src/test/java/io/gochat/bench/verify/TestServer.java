package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.process.ServerProcess;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The packaged server in a process of its own, for tests of other packages. Thread-safe. */
public final class TestServer implements AutoCloseable {
  private final ServerProcess process;

  private TestServer(ServerProcess process) {
    this.process = process;
  }

  /** Starts one on a directory of its own below {@code dir}. */
  public static TestServer start(Path dir) throws Exception {
    VerifyOptions options = new VerifyOptions();
    options.serverJars = List.of(Jars.server());
    return new TestServer(ServerProcess.start(
        ServerCommandLine.of(options, dir.resolve("data"), 0),
        dir.resolve("server.log"),
        Duration.ofSeconds(60)));
  }

  /** Its port on the loopback address. */
  public int port() {
    return process.port();
  }

  /** Its HTTP API. */
  public HttpApi api() {
    return HttpApi.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
  }

  @Override
  public void close() {
    process.destroy();
  }
}

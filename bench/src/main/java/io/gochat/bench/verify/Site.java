package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.verify.FaultSchedule.Step;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The server under test, its directory, and the proxy in front of it. The server faults are confined to one lane's
 * thread; the rest may be called from any.
 */
final class Site implements AutoCloseable {
  private final FaultProxy proxy;
  private final @Nullable OwnServer server;
  private final @Nullable URI attached;
  private final Path dir;
  // Until a run has passed its directory is evidence.
  private boolean keep = true;

  private Site(FaultProxy proxy, @Nullable OwnServer server, @Nullable URI attached, Path dir) {
    this.proxy = proxy;
    this.server = server;
    this.attached = attached;
    this.dir = dir;
  }

  /** Starts a server in a directory of its own, or attaches to the one that was named. */
  static Site open(VerifyOptions options) throws IOException, InterruptedException {
    URI attach = options.attach;
    Path dir = options.keepDir == null
        ? Files.createTempDirectory("gochat-verify-")
        : Files.createDirectories(options.keepDir);
    FaultProxy proxy = new FaultProxy();
    if (attach != null) {
      int port = attach.getPort() < 0 ? 80 : attach.getPort();
      proxy.upstream(new InetSocketAddress(attach.getHost(), port));
      return new Site(proxy, null, attach, dir);
    }
    List<String> command = ServerCommand.of(options, dir.resolve("data"), 0);
    OwnServer server = new OwnServer(command, dir.resolve("server.log"), proxy::upstream);
    Site site = new Site(proxy, server, null, dir);
    try {
      server.start();
    } catch (IOException | InterruptedException e) {
      site.close();
      throw e;
    }
    return site;
  }

  FaultProxy proxy() {
    return proxy;
  }

  /** The server's API without the proxy; the address changes with every restart. */
  HttpApi direct() {
    OwnServer own = server;
    if (own != null) {
      return HttpApi.of(own.address());
    }
    if (attached == null) {
      throw new IllegalStateException("neither started nor attached");
    }
    return new HttpApi(attached);
  }

  /** Kills or pauses the server, as the step says. */
  void injectIntoServer(Step step) throws IOException, InterruptedException {
    OwnServer own = server;
    if (own == null) {
      throw new IllegalStateException("an attached server is not to be harmed");
    }
    if (step.kind() == FaultKind.KILL) {
      own.killAndRestart(step.lasting(0, 300));
    } else {
      own.pause(step.lasting(200, 1_200));
    }
  }

  /** How often a fault really happened. */
  long fired(FaultKind kind) {
    OwnServer own = server;
    return switch (kind) {
      case KILL -> own == null ? 0 : own.kills();
      case PAUSE -> own == null ? 0 : own.pauses();
      default -> proxy.fired(kind);
    };
  }

  /** What is worth telling of a server that was started here. */
  void serverFacts(Map<String, Long> facts) {
    OwnServer own = server;
    if (own != null) {
      facts.put("slowest_start_ms", own.slowestStartMs());
      facts.put("server_resident_mib", own.residentMiB());
    }
  }

  /** Nothing in the directory is of interest any more. */
  void forget() {
    keep = false;
  }

  /** Where the data and the server's output are. */
  Path dir() {
    return dir;
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
    proxy.close();
    if (!keep) {
      Directories.remove(dir);
    }
  }
}

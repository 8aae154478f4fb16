package io.gochat.bench.verify;

import io.gochat.bench.api.HostAndPort;
import io.gochat.bench.api.HttpApi;
import io.gochat.bench.common.TlsOption;
import io.gochat.bench.process.AtExit;
import io.gochat.bench.redis.OneRedis.Stretch;
import io.gochat.bench.verify.FaultSchedule.Step;
import io.gochat.bench.websocket.Via;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The server under test, or the nodes of one, with their directory and a proxy in front of each. The server faults are
 * confined to one lane's thread; the rest may be called from any.
 */
final class Site implements AutoCloseable {
  private static final Duration READY_DEADLINE = Duration.ofSeconds(30);
  private static final long READY_TICK_NANOS = 20_000_000L;

  private final Path dir;
  private final @Nullable HostAndPort attached;
  private final TlsOption asked;
  private final RunTls tls;
  private final List<FaultProxy> proxies = new ArrayList<>();
  private final List<WebSocketBridge> bridges = new ArrayList<>();
  private final List<RestartingServer> servers = new ArrayList<>();
  private @Nullable RedisFaults redis;
  // Until a run has passed its directory is evidence.
  private boolean keep = true;
  private @Nullable AtExit atExit;

  private Site(Path dir, @Nullable HostAndPort attached, TlsOption asked, RunTls tls) {
    this.dir = dir;
    this.attached = attached;
    this.asked = asked;
    this.tls = tls;
  }

  /** Starts servers in a directory of their own, or attaches to the one that was named. */
  static Site open(VerifyOptions options, @Nullable HookEndpoint hook)
      throws IOException, InterruptedException {
    HostAndPort attach = options.attach;
    Path dir = options.keepDir == null
        ? Files.createTempDirectory("gochat-verify-")
        : Files.createDirectories(options.keepDir);
    Site site = new Site(dir, attach, options.tls, RunTls.of(options, dir));
    site.atExit = AtExit.run(() -> site.abandon(options.keepDir == null));
    try {
      if (attach == null) {
        site.startAll(options, hook);
      } else {
        FaultProxy proxy = site.proxy(options);
        site.proxies.add(proxy);
        site.door(options, proxy).accept(attach.resolved());
      }
      return site;
    } catch (IOException | InterruptedException | RuntimeException e) {
      site.close();
      throw e;
    }
  }

  private void startAll(VerifyOptions options, @Nullable HookEndpoint hook)
      throws IOException, InterruptedException {
    String uri = options.redis;
    List<String> flags = new ArrayList<>(uri == null ? List.of() : List.of("--redis", uri));
    if (uri != null && RedisFaults.isOwn(uri)) {
      RedisFaults own = RedisFaults.start(uri, options.redisServer, dir);
      redis = own;
      flags = new ArrayList<>(List.of(own.flags()));
    }
    if (hook != null) {
      flags.addAll(hook.flags(dir));
    }
    flags.addAll(List.of(tls.flags()));
    for (int i = 0; i < options.nodes; i++) {
      FaultProxy proxy = proxy(options);
      proxies.add(proxy);
      // Each start under a name of its own: one that was killed leaves a lease to wait for.
      Path data = dir.resolve(options.nodes == 1 ? "data" : "data-" + i);
      ProcessBuilder command =
          ServerCommandLine.ofNode(options, i, data, 0, flags.toArray(new String[0]));
      String log = options.nodes == 1 ? "server.log" : "server-" + i + ".log";
      RestartingServer server = new RestartingServer(
          command, dir.resolve(log), new ServerClock(ServerClock.file(data)), door(options, proxy));
      servers.add(server);
      server.start();
    }
  }

  private FaultProxy proxy(VerifyOptions options) {
    // Behind a bridge it is the bridge that speaks to the server.
    return new FaultProxy(tls, options.way.via() == Via.FRAMES ? tls : RunTls.NONE);
  }

  /** Who wants to know where the server is: the proxy, or what translates behind it. */
  private Consumer<@Nullable InetSocketAddress> door(VerifyOptions options, FaultProxy proxy) {
    if (options.way.via() == Via.FRAMES) {
      return proxy::upstream;
    }
    WebSocketBridge bridge = new WebSocketBridge(tls);
    bridges.add(bridge);
    proxy.upstream(bridge.address());
    return bridge::upstream;
  }

  /** One in front of each node. */
  List<FaultProxy> proxies() {
    return proxies;
  }

  /** Where clients connect, in turn. */
  List<Door> doors() {
    return proxies.stream()
        .map(proxy ->
            new Door(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()), tls))
        .toList();
  }

  /** The server's API without a proxy; the address changes with every restart. */
  HttpApi direct() throws IOException {
    return attached == null
        ? tls.http(servers.get(0).address())
        : new HttpApi(
            URI.create(asked.scheme() + "://" + attached.host() + ":" + attached.port()),
            asked.jdk());
  }

  /** Kills or pauses a server or their Redis, as the step says. */
  void injectIntoServer(Step step) throws IOException, InterruptedException {
    RedisFaults shared = redis;
    if (shared != null && step.kind().onRedis()) {
      shared.inject(step);
      if (step.kind().takesBack()) {
        // Who is killed before it has looked cannot say what it misses.
        awaitReady();
      }
      return;
    }
    RestartingServer victim = servers.get(Math.floorMod(step.target(), servers.size()));
    switch (step.kind()) {
      case KILL -> victim.killAndRestart(step.lasting(0, 300));
      case CLOCK_FORWARD ->
        victim.moveClock(ServerClock.weeks(step.strength()), step.lasting(300, 3_000));
      case CLOCK_BACK ->
        victim.moveClock(ServerClock.weeksBack(step.strength()), step.lasting(300, 3_000));
      case PAST_RESTART ->
        victim.restartWithClock(ServerClock.weeksBack(step.strength()), step.lasting(300, 3_000));
      default -> victim.pause(step.lasting(200, 1_200));
    }
  }

  private void awaitReady() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    for (RestartingServer server : servers) {
      while (!server.isReady()) {
        if (System.nanoTime() - begun > READY_DEADLINE.toNanos()) {
          throw new IOException("a node is not ready " + READY_DEADLINE.toSeconds()
              + " s after Redis was back; see " + dir);
        }
        LockSupport.parkNanos(READY_TICK_NANOS);
      }
    }
  }

  /** When Redis may have lost what it had acknowledged. */
  List<Stretch> losses() {
    return redis == null ? List.of() : redis.losses();
  }

  /** How often a fault really happened. */
  long fired(FaultKind kind) {
    RedisFaults shared = redis;
    if (kind.onRedis()) {
      return shared == null ? 0 : shared.fired(kind);
    }
    return switch (kind) {
      case KILL -> servers.stream().mapToLong(RestartingServer::kills).sum();
      case PAUSE -> servers.stream().mapToLong(RestartingServer::pauses).sum();
      case CLOCK_FORWARD ->
        servers.stream().mapToLong(RestartingServer::jumpsForward).sum();
      case CLOCK_BACK -> servers.stream().mapToLong(RestartingServer::jumpsBack).sum();
      case PAST_RESTART ->
        servers.stream().mapToLong(RestartingServer::startsInThePast).sum();
      default -> proxies.stream().mapToLong(proxy -> proxy.fired(kind)).sum();
    };
  }

  /** A count of what passed the proxies, over all of them. */
  long onTheWire(ToLongFunction<WireTap> count) {
    return proxies.stream().map(FaultProxy::tap).mapToLong(count).sum();
  }

  /** Connections that the proxies took. */
  long connections() {
    return proxies.stream().mapToLong(FaultProxy::connections).sum();
  }

  /** What is worth telling of servers that were started here. */
  void serverFacts(Map<String, Long> facts) {
    if (!servers.isEmpty()) {
      facts.put("nodes", (long) servers.size());
      facts.put(
          "slowest_start_ms",
          servers.stream().mapToLong(RestartingServer::slowestStartMs).max().orElse(0));
      facts.put(
          "server_resident_mib",
          servers.stream().mapToLong(RestartingServer::residentMiB).max().orElse(0));
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

  /** Somebody ended the run: nothing was found, so nothing is evidence. */
  private void abandon(boolean removes) {
    servers.forEach(RestartingServer::end);
    if (redis != null) {
      redis.close();
    }
    if (removes) {
      Directories.remove(dir);
    }
  }

  @Override
  public void close() {
    servers.forEach(RestartingServer::close);
    proxies.forEach(FaultProxy::close);
    bridges.forEach(WebSocketBridge::close);
    if (redis != null) {
      redis.close();
    }
    if (!keep) {
      Directories.remove(dir);
    }
    if (atExit != null) {
      atExit.forget();
    }
  }
}

package io.gochat.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.account.AccountOptions;
import io.gochat.server.account.Accounts;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.embedded.EmbeddedOptions;
import io.gochat.server.embedded.EmbeddedStore;
import io.gochat.server.identity.ApiKeys;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.net.ConnectionLimiter;
import io.gochat.server.net.EventLoops;
import io.gochat.server.net.Listener;
import io.gochat.server.net.Plaintext;
import io.gochat.server.net.PortOptions;
import io.gochat.server.net.Transport;
import io.gochat.server.net.TrustedProxies;
import io.gochat.server.registry.LocalPresence;
import io.gochat.server.session.Sessions;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A node with nothing but HTTP on it: real port, real sniffer, real RocksDB. Its two clocks can be moved ahead. */
final class HttpFixture implements AutoCloseable {
  static final int MAX_TEXT_BYTES = 2_048;
  static final int MAX_BODY_BYTES = 6 * MAX_TEXT_BYTES + 4_096;
  private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

  static {
    ByteBufUtil.setLeakListener((type, records) -> LEAKS.add(type + ": " + records));
  }

  /** What a test may want to be different. */
  static final class Settings {
    AccountOptions accounts = AccountOptions.defaults().withBcryptCost(4).withLimits(0, 0, 0);
    HttpOptions http = HttpOptions.defaults(MAX_TEXT_BYTES);
    BooleanSupplier ready = () -> true;
    int maxConnections;
    Page page = Page.load();

    @Nullable
    Supplier<String> metrics;

    TrustedProxies proxies = TrustedProxies.NONE;
    Budgets.Limits budgets = Budgets.Limits.DEFAULT;
  }

  final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  final EmbeddedStore store;
  final Accounts accounts;
  final Sessions sessions;
  final LocalPresence presence;
  final HttpProtocol protocol;
  final Budgets budgets;
  final ConnectionLimiter limiter;
  volatile boolean isDateBroken;
  private final AtomicLong aheadMs = new AtomicLong();
  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final EventLoops loops;
  private final Listener listener;

  HttpFixture(Path directory) throws Exception {
    this(directory, new Settings());
  }

  HttpFixture(Path directory, Settings settings) throws Exception {
    GuardedClock clock = new GuardedClock(
        () -> Instant.now().plusMillis(aheadMs.get()),
        () -> System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(aheadMs.get()));
    store = EmbeddedStore.open(EmbeddedOptions.of(directory), clock, meters);
    accounts = new Accounts(store.accounts(), settings.accounts, clock, this::monotonicMs, meters);
    sessions = new Sessions(store.sessions(), Duration.ofHours(24), clock, meters);
    presence = new LocalPresence(scheduler, (room, count, joined, left) -> {});
    loops = EventLoops.start(Transport.AUTO, 2, this::monotonicMs);
    budgets = new Budgets(settings.budgets, meters);
    protocol = new HttpProtocol(
        settings.http,
        new HttpServices(
            accounts,
            sessions,
            new Messaging(store.log(), store.positions(), MAX_TEXT_BYTES),
            presence,
            settings.ready,
            settings.metrics == null ? meters::scrape : settings.metrics,
            settings.page,
            ApiKeys.NONE,
            null),
        budgets,
        loops,
        this::date,
        meters,
        List.of());
    limiter = new ConnectionLimiter(settings.maxConnections, meters);
    listener = Listener.open(
        loops,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        List.of(protocol),
        new PortOptions(settings.proxies, null, Plaintext.ALLOW, protocol.answers()),
        limiter,
        meters);
  }

  private Instant date() {
    if (isDateBroken) {
      throw new IllegalStateException("no date today");
    }
    return Instant.now();
  }

  private long monotonicMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) + aheadMs.get();
  }

  int port() {
    return listener.address().getPort();
  }

  RawHttp connect() {
    return RawHttp.connect(port());
  }

  /** Moves both clocks; what was due meanwhile happens at the next tick. */
  void advance(Duration by) {
    aheadMs.addAndGet(by.toMillis());
  }

  /** One request on a connection of its own. */
  RawHttp.Response post(String path, String json, String... headers) {
    try (RawHttp http = connect()) {
      return http.post(path, json, headers);
    }
  }

  void register(String name) {
    assertThat(post("/user/register", credentials(name)).body()).isEqualTo("{\"code\":200}");
  }

  /** Signs a registered user in and returns the token. */
  String login(String name) {
    String body = post("/user/login", credentials(name)).body();
    return body.replaceFirst(".*\"token\":\"([^\"]+)\".*", "$1");
  }

  long userId(String name) {
    return accounts.byName(name).join().orElseThrow().userId();
  }

  static String credentials(String name) {
    return "{\"username\":\"" + name + "\",\"password\":\"secret of " + name + "\"}";
  }

  double counted(String meter, String... tags) {
    return meters.get(meter).tags(tags).counter().count();
  }

  @Override
  public void close() {
    listener.close();
    loops.close();
    accounts.close();
    store.close();
    scheduler.shutdownNow();
    assertNothingLeaked();
  }

  private static void assertNothingLeaked() {
    for (int round = 0; round < 3; round++) {
      System
          .gc(); // the detector learns of lost buffers from the collector, and tells on allocation
      for (int i = 0; i < 64; i++) {
        PooledByteBufAllocator.DEFAULT.buffer(16).release();
      }
    }
    assertThat(LEAKS).isEmpty();
  }
}

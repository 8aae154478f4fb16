package io.gochat.server;

import io.gochat.server.account.Accounts;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.bounds.RateLimit;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.command.CommandServices;
import io.gochat.server.config.Memory;
import io.gochat.server.config.MemoryPlan;
import io.gochat.server.config.NetworkConfig;
import io.gochat.server.config.PublishConfig;
import io.gochat.server.config.ServerConfig;
import io.gochat.server.config.TlsConfig;
import io.gochat.server.http.HttpServices;
import io.gochat.server.http.Page;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.net.ConnectionLimiter;
import io.gochat.server.net.EventLoops;
import io.gochat.server.net.Listener;
import io.gochat.server.registry.CloseReason;
import io.gochat.server.registry.ConnectedUsers;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.registry.FanOutOptions;
import io.gochat.server.registry.LocalPresence;
import io.gochat.server.registry.RoomPresence;
import io.gochat.server.registry.SharedPresence;
import io.gochat.server.registry.SweepingFanOut;
import io.gochat.server.session.SessionEnd;
import io.gochat.server.session.Sessions;
import io.gochat.server.store.Store;
import io.gochat.server.tls.Certificates;
import io.gochat.server.tls.UnusableCertificateException;
import io.gochat.server.webhook.Webhooks;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node, and the composition root: every service is made here, once, and handed to whoever needs it.
 * Thread-safe.
 *
 * <p>Start order: event loops, store, accounts and sessions, fan-out (before the first publish can commit), protocols,
 * and the port last, when everything behind it works. Stop order is the reverse with a drain in front: not ready, no new
 * connections, {@code GoAway(DRAIN)}, what was accepted is answered, the store writes and closes, and the loops end last,
 * because every answer of the store is handed to one of them.
 */
public final class Server implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Server.class);

  /** {@code GoAway} gives a connection five seconds; a little more, so that its own end comes first. */
  private static final Duration DRAIN_WITHIN = Duration.ofSeconds(6);

  private static final int MAX_LIMITED_USERS = 100_000;

  private final Deque<Part> parts = new ArrayDeque<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean failed;
  private int port;
  private int operationsPort;
  private Runnable files = () -> {};
  private @Nullable Running running; // set before anybody has this server

  private Server() {}

  /**
   * Starts a node; it serves when this returns.
   *
   * @throws StartException when something is in the way: the port, the data directory
   */
  public static Server start(ServerConfig config) throws StartException {
    return start(config, "");
  }

  /** As above; {@code settings} says for the log in what they are not the defaults. */
  static Server start(ServerConfig config, String settings) throws StartException {
    return start(config, settings, Surroundings.ofThisProcess());
  }

  /** As above, with what a test replaces. */
  static Server start(ServerConfig config, Surroundings around) throws StartException {
    return start(config, "", around);
  }

  private static Server start(ServerConfig config, String settings, Surroundings around)
      throws StartException {
    Server server = new Server();
    try {
      server.compose(config, settings, around);
      return server;
    } catch (StartException | RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  private void compose(ServerConfig config, String settings, Surroundings around)
      throws StartException {
    GuardedClock clock = around.clock();
    refuse(clock.refusal());
    Memory there = Memory.ofThisProcess();
    MemoryPlan memory = around.memory().apply(MemoryPlan.of(config, there));
    log.info("{} starts{}{}", Version.text(), settings.isEmpty() ? "" : "; ", settings);
    log.info("{}; bounds: {}", there.describe(), memory.describe());
    there.warning().ifPresent(log::warn);
    memory.warning(config.network().maxConnections()).ifPresent(log::warn);
    PrometheusMeterRegistry meters = around.meters();
    ProcessMeters.nameAsPrometheusDoes(meters);
    part("metrics", meters::close);
    memory
        .bounds()
        .forEach((of, bytes) -> Gauge.builder("gochat.memory.bound", () -> bytes)
            .description("Bytes that may be used for this, as the start divided the memory")
            .tag("of", of)
            .register(meters));
    EventLoops loops = EventLoops.start(
        config.network().transport(), config.network().eventLoops(), clock::monotonicMillis);
    part("event loops", loops::close);
    Store store =
        around.store().apply(Stores.open(config.store(), memory, clock, meters, this::die));
    part("store", store::close);
    ProcessMeters.identify(
        meters, config.store().redis().isPresent() ? "redis" : "embedded", () -> isReady(store));
    ScheduledExecutorService scheduler =
        Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "gochat-scheduler"));
    part("scheduler", scheduler::shutdownNow);
    clock.bindTo(meters);
    everySecond(scheduler, "the look at the clock", clock::isTrusted);
    Users users = Users.start(config, store, memory.cached(), around);
    part("accounts", users::close);
    Accounts accounts = users.accounts();
    Sessions sessions = users.sessions();
    ConnectedUsers nodes = Telling.connectedUsers(config.webhooks(), store.presence());
    ConnectionRegistry registry =
        new ConnectionRegistry(config.channels().maxConnectionsPerUser(), store.devices(), nodes);
    store.devices().start(registry);
    users.watch(registry);
    everySecond(scheduler, "the look at the API keys", users.keys()::reloadIfChanged);
    sessions.onEnded((id, end) -> closeConnections(registry, id, end));
    everySecond(scheduler, "the session sweep", sessions::sweep);
    Budgets budgets = new Budgets(budgetLimits(memory), meters);
    SweepingFanOut fanOut =
        new SweepingFanOut(store.log(), loops.all(), fanOutOptions(memory), budgets, meters);
    RoomPresence presence = new SharedPresence(new LocalPresence(scheduler, fanOut), nodes);
    startFanOut(fanOut, presence, store.log(), loops);
    Optional<Webhooks> webhooks = Telling.start(
        config.webhooks(),
        store,
        userId -> !registry.ofUser(userId).isEmpty() || nodes.isElsewhere(userId),
        clock,
        meters);
    webhooks.ifPresent(telling -> {
      part("webhooks", telling::close);
      everySecond(scheduler, "the look at the webhooks", telling::reloadIfChanged);
    });

    ConnectionLimiter limiter = limiter(config.network(), memory, meters);
    Messaging messaging = new Messaging(
        store.log(),
        store.positions(),
        config.channels().maxTextBytes(),
        publishRate(config.publishing(), clock));
    CommandServices commands =
        new CommandServices(accounts, sessions, messaging, registry, fanOut, presence);
    HttpServices http = new HttpServices(
        accounts,
        sessions,
        messaging,
        presence,
        () -> isReady(store),
        meters::scrape,
        config.network().page() ? Page.load() : Page.OFF,
        users.keys(),
        Operators.administration(
            config, store, users, messaging, registry, presence, webhooks, clock));
    Protocols protocols = new Protocols(config, budgets, commands, http, loops, clock, meters);
    Ports ports = new Ports(config, protocols, loops, meters);
    operationsPort = listening("operators' port", ports.operations());
    part("connections", () -> drain(protocols, registry, limiter));
    Optional<Certificates> tls = certificates(config.tls(), scheduler, clock, meters);
    port = listening("listener", Optional.of(ports.open(tls, limiter)));
    files = () -> scheduler.execute(() -> tls.ifPresent(Certificates::look));
    running = new Running(loops, store, users, commands, budgets, protocols, limiter);
    ProcessMeters process = new ProcessMeters();
    part("process metrics", process::close);
    scheduler.execute(() -> {
      process.bindTo(meters);
      boundByOpenFiles(config.network().maxConnections(), memory, limiter, meters);
    });
  }

  private static ConnectionLimiter limiter(
      NetworkConfig network, MemoryPlan memory, MeterRegistry meters) {
    int most = memory.connections();
    int perAddress = network.maxConnectionsPerAddress();
    return network.operations().isPresent()
        ? ConnectionLimiter.keepingNone(most, perAddress, meters)
        : new ConnectionLimiter(most, perAddress, meters);
  }

  private static void refuse(Optional<String> sentence) throws StartException {
    if (sentence.isPresent()) {
      throw new StartException(sentence.get());
    }
  }

  // After the start: to ask for the limit takes as long as a part of it.
  private static void boundByOpenFiles(
      int maxConnections, MemoryPlan memory, ConnectionLimiter limiter, MeterRegistry meters) {
    OpenFiles.now().ifPresent(files -> {
      limiter.lowerTo((int) Math.min(Integer.MAX_VALUE, files.room()));
      files.bindTo(meters, memory.connections());
      files.warning(maxConnections).ifPresent(log::warn);
    });
  }

  private static void startFanOut(
      SweepingFanOut fanOut, RoomPresence presence, MessageLog messages, EventLoops loops) {
    fanOut.presence(presence);
    messages.listener(fanOut);
    for (EventLoop loop : loops.all()) {
      loops.work(loop, fanOut.sweepOf(loop));
    }
  }

  private boolean isReady(Store store) {
    return !closing.get() && store.isReady();
  }

  private static RateLimit<Long> publishRate(PublishConfig config, GuardedClock clock) {
    return RateLimit.perSecond(
        config.perSecond(), config.burst(), MAX_LIMITED_USERS, clock::monotonicMillis);
  }

  private static FanOutOptions fanOutOptions(MemoryPlan memory) {
    return new FanOutOptions(memory.fanOutBytesPerLoop(), memory.handOverBytesPerLoop());
  }

  private static Budgets.Limits budgetLimits(MemoryPlan memory) {
    return new Budgets.Limits(
        memory.outBytes(),
        memory.replayBytes(),
        memory.inBytes(),
        memory.largestAnswerBytes(),
        memory.largestRequestBytes());
  }

  private int listening(String name, Optional<Listener> listener) {
    listener.ifPresent(open -> part(name, open::close));
    return listener.map(open -> open.address().getPort()).orElse(0);
  }

  private Optional<Certificates> certificates(
      TlsConfig config,
      ScheduledExecutorService scheduler,
      GuardedClock clock,
      MeterRegistry meters)
      throws StartException {
    if (config.options().isEmpty()) {
      return Optional.empty();
    }
    try {
      Certificates certificates = Certificates.load(config.options().get(), clock, meters);
      part("certificates", certificates::close);
      certificates.watch(scheduler);
      return Optional.of(certificates);
    } catch (UnusableCertificateException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void closeConnections(
      ConnectionRegistry registry, String sessionId, SessionEnd end) {
    CloseReason reason = switch (end) {
      case REVOKED -> CloseReason.REVOKED;
      case EXPIRED -> CloseReason.EXPIRED;
    };
    for (Connection connection : registry.ofSession(sessionId)) {
      connection.close(reason);
    }
  }

  private static void everySecond(ScheduledExecutorService scheduler, String what, Runnable task) {
    Runnable guarded = () -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        // A periodic task that throws is never run again.
        log.error("{} failed; it is tried again in a second", what, e);
      }
    };
    scheduler.scheduleWithFixedDelay(guarded, 1, 1, TimeUnit.SECONDS);
  }

  private static void drain(
      Protocols protocols, ConnectionRegistry registry, ConnectionLimiter limiter) {
    protocols.drain();
    for (Connection connection : registry.all()) {
      connection.close(CloseReason.DRAIN);
    }
    long deadline = System.nanoTime() + DRAIN_WITHIN.toNanos();
    while (limiter.open() > 0 && System.nanoTime() < deadline) {
      try {
        TimeUnit.MILLISECONDS.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Reads certificates again, if they have changed. Any thread; does not wait for it. */
  void lookAtFiles() {
    files.run();
  }

  /** Takes over what of these settings can change while it serves. Any thread. */
  void take(ServerConfig next) {
    running().take(next);
  }

  /** What it is made of, for who looks inside. */
  Running running() {
    return Objects.requireNonNull(running);
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  /** The operators' own port; 0: there is none. */
  public int operationsPort() {
    return operationsPort;
  }

  /** The store is gone: whoever waits has been told, and a process that cannot write must not look alive. */
  private void die() {
    failed = true;
    // Not on the store's own thread: closing waits for it.
    new Thread(this::close, "gochat-end").start();
  }

  /** Whether it ended because it had to, not because somebody closed it. */
  boolean hasFailed() {
    return failed;
  }

  /** Blocks until {@link #close} is done. */
  public void awaitClosed() throws InterruptedException {
    closed.await();
  }

  /** Drains and stops; returns when everything is written and given back. Idempotent; not on an event loop. */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    if (port != 0) {
      log.info("stops: no new connections, and those that are open are told to come back");
    }
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      try {
        part.stop.run();
      } catch (RuntimeException | Error e) {
        log.error("stopping the {} failed", part.name, e);
      }
    }
    if (port != 0) {
      log.info("stopped");
    }
    closed.countDown();
  }

  /** What was started is stopped in the reverse order. */
  private void part(String name, Runnable stop) {
    parts.push(new Part(name, stop));
  }

  private record Part(String name, Runnable stop) {}
}

package io.gochat.server.frame;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.server.account.Account;
import io.gochat.server.account.AccountOptions;
import io.gochat.server.account.AccountStore;
import io.gochat.server.account.Accounts;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.command.CommandLoops;
import io.gochat.server.command.CommandOptions;
import io.gochat.server.command.CommandServices;
import io.gochat.server.embedded.EmbeddedOptions;
import io.gochat.server.embedded.EmbeddedStore;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Retention;
import io.gochat.server.net.ConnectionLimiter;
import io.gochat.server.net.EventLoops;
import io.gochat.server.net.Listener;
import io.gochat.server.net.LoopTimer;
import io.gochat.server.net.PortOptions;
import io.gochat.server.net.Transport;
import io.gochat.server.registry.CloseReason;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.registry.FanOutOptions;
import io.gochat.server.registry.LocalPresence;
import io.gochat.server.registry.SweepingFanOut;
import io.gochat.server.session.SessionEnd;
import io.gochat.server.session.Sessions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A server of frames alone, on real sockets and a real store, whose clocks stand still until they are moved. */
final class FrameServer implements AutoCloseable {
  private static final AtomicInteger NAMES = new AtomicInteger();

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final AtomicLong clockMs = new AtomicLong(1_700_000_000_000L);
  final ConnectionRegistry registry;
  final Sessions sessions;
  final Accounts accounts;
  final Messaging messaging;
  final Budgets budgets;
  final CommandLoops commands;
  final EmbeddedStore store;
  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final EventLoops loops;
  private final Listener listener;

  /** A user who is signed in. */
  record User(long id, String name, String token) {}

  /** What a test wants different. */
  record Setup(
      CommandOptions options,
      Retention retention,
      int maxPerUser,
      UnaryOperator<MessageLog> log,
      UnaryOperator<AccountStore> accounts,
      Budgets.Limits budgets) {
    static Setup standard() {
      return new Setup(
          CommandOptions.of("node-1"),
          Retention.DEFAULT,
          0,
          UnaryOperator.identity(),
          UnaryOperator.identity(),
          Budgets.Limits.DEFAULT);
    }

    Setup with(CommandOptions other) {
      return new Setup(other, retention, maxPerUser, log, accounts, budgets);
    }

    Setup with(Retention other) {
      return new Setup(options, other, maxPerUser, log, accounts, budgets);
    }

    Setup maxPerUser(int other) {
      return new Setup(options, retention, other, log, accounts, budgets);
    }

    Setup log(UnaryOperator<MessageLog> other) {
      return new Setup(options, retention, maxPerUser, other, accounts, budgets);
    }

    Setup budgets(Budgets.Limits other) {
      return new Setup(options, retention, maxPerUser, log, accounts, other);
    }

    Setup accounts(UnaryOperator<AccountStore> other) {
      return new Setup(options, retention, maxPerUser, log, other, budgets);
    }
  }

  FrameServer(Path directory, Setup setup) throws Exception {
    loops = EventLoops.start(Transport.AUTO, 2, clockMs::get);
    GuardedClock clock = new GuardedClock(
        () -> Instant.ofEpochMilli(clockMs.get()),
        () -> TimeUnit.MILLISECONDS.toNanos(clockMs.get()));
    store = EmbeddedStore.open(
        EmbeddedOptions.of(directory).withRetention(setup.retention()), clock, meters);
    MessageLog log = setup.log().apply(store.log());
    budgets = new Budgets(setup.budgets(), meters);
    SweepingFanOut fanOut =
        new SweepingFanOut(log, loops.all(), FanOutOptions.DEFAULT, budgets, meters);
    LocalPresence presence = new LocalPresence(scheduler, fanOut);
    fanOut.presence(presence);
    for (EventLoop loop : loops.all()) {
      loops.work(loop, fanOut.sweepOf(loop));
    }
    store.log().listener(fanOut);
    registry = new ConnectionRegistry(setup.maxPerUser());
    sessions = new Sessions(store.sessions(), Duration.ofHours(24), clock, meters);
    sessions.onEnded((id, end) -> registry
        .ofSession(id)
        .forEach(connection -> connection.close(
            end == SessionEnd.REVOKED ? CloseReason.REVOKED : CloseReason.EXPIRED)));
    accounts = new Accounts(
        setup.accounts().apply(store.accounts()),
        AccountOptions.defaults().withBcryptCost(4),
        () -> Instant.ofEpochMilli(clockMs.get()),
        clockMs::get,
        meters);
    messaging = new Messaging(log, store.positions(), 16_384);
    commands = new CommandLoops(
        new CommandServices(accounts, sessions, messaging, registry, fanOut, presence),
        setup.options(),
        budgets,
        loops::timer,
        meters);
    listener = Listener.open(
        loops,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        List.of(new FrameProtocol(commands, Limits.DEFAULT_MAX_FRAME_BYTES)),
        PortOptions.PLAIN,
        new ConnectionLimiter(0, meters),
        meters);
  }

  int port() {
    return listener.address().getPort();
  }

  FrameTestClient connect() {
    return FrameTestClient.connect(port());
  }

  /** Connected and signed in. */
  FrameTestClient connect(User user) {
    FrameTestClient client = connect();
    client.hello(user.token());
    return client;
  }

  /** A new user with a name of its own. */
  User user() {
    String name = "user" + NAMES.incrementAndGet();
    Account account = store.accounts().create(name, name, "-").join().orElseThrow();
    return new User(account.userId(), name, token(account.userId(), name));
  }

  String token(long userId, String name) {
    return sessions.open(userId, name).join();
  }

  /** Moves the clocks and lets every loop look at its deadlines. */
  void advance(Duration by) {
    clockMs.addAndGet(by.toMillis());
    for (EventLoop loop : loops.all()) {
      LoopTimer timer = loops.timer(loop);
      loop.submit(timer::tick).awaitUninterruptibly();
    }
  }

  /** What waits in the outbound buffers of all connections. */
  long pendingBytes() {
    long bytes = 0;
    for (Connection connection : registry.all()) {
      ChannelOutboundBuffer queued = connection.channel().unsafe().outboundBuffer();
      bytes += queued == null ? 0 : queued.totalPendingWriteBytes();
    }
    return bytes;
  }

  double refused(ErrorKind kind) {
    return count("gochat.refused", kind.word());
  }

  /** Everything that was refused, for whatever reason. */
  double refused() {
    return meters.find("gochat.refused").counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  double closed(String reason) {
    return count("gochat.frame.closed", reason);
  }

  private double count(String name, String reason) {
    Counter counter = meters.find(name).tag("reason", reason).counter();
    return counter == null ? 0 : counter.count();
  }

  @Override
  public void close() {
    listener.close();
    loops.close();
    scheduler.shutdownNow();
    accounts.close();
    store.close();
  }
}

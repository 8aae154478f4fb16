package io.gochat.server.frame;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.ShippedServer;
import io.gochat.server.account.Account;
import io.gochat.server.account.AccountStore;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.clock.ManualClock;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.session.Sessions;
import io.gochat.server.store.Store;
import io.micrometer.core.instrument.Counter;
import io.netty.channel.ChannelOutboundBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** The server that ships, whose clocks stand still until they are moved, and clients of frames. */
final class FrameServer implements AutoCloseable {
  private static final AtomicInteger NAMES = new AtomicInteger();

  final ManualClock clock = ManualClock.fromNow();
  final ConnectionRegistry registry;
  final Sessions sessions;
  final Budgets budgets;
  final Store store;

  /** Its log; its gates stand open until a test shuts them. */
  final GatedLog log;

  private final ShippedServer server;
  private final Queue<FrameTestClient> clients = new ConcurrentLinkedQueue<>();

  /** A user who is signed in. */
  record User(long id, String name, String token) {}

  FrameServer(Path directory, String... flags) throws Exception {
    this(directory, UnaryOperator.identity(), flags);
  }

  /** With other accounts around the real ones. */
  FrameServer(Path directory, UnaryOperator<AccountStore> accounts, String... flags)
      throws Exception {
    server = new ShippedServer.Setup()
        .flags("--node-id=node-1")
        .flags(flags)
        .clock(clock.guarded())
        .log(GatedLog::new)
        .accounts(accounts)
        .start(directory);
    log = (GatedLog) server.store().log();
    registry = server.registry();
    sessions = server.sessions();
    budgets = server.budgets();
    store = server.store();
  }

  int port() {
    return server.port();
  }

  /** A client, which is closed at the latest with this. Any thread. */
  FrameTestClient connect() {
    return connect(0);
  }

  /** The same with a small receive window, so that not reading is felt soon; 0: the system's. */
  FrameTestClient connect(int receiveBytes) {
    FrameTestClient client = FrameTestClient.connect(port(), receiveBytes);
    clients.add(client);
    return client;
  }

  /** Connected and signed in. */
  FrameTestClient connect(User user) {
    FrameTestClient client = connect();
    client.hello(user.token());
    return client;
  }

  /** A new account with a name of its own, whom nobody has looked up yet. */
  Account account() {
    String name = "user" + NAMES.incrementAndGet();
    return store.accounts().create(name, name, "-").join().orElseThrow();
  }

  /** A new user with a name of its own. */
  User user() {
    Account account = account();
    return new User(
        account.userId(), account.username(), token(account.userId(), account.username()));
  }

  String token(long userId, String name) {
    return sessions.open(userId, name).join();
  }

  /** Moves the clocks and lets every loop look at its deadlines. */
  void advance(Duration by) {
    clock.advance(by);
    server.tick();
  }

  /** Nobody is welcome any more, as when it begins to stop. */
  void drain() {
    server.drain();
  }

  /** How many connections speak frames. */
  double frameConnections() {
    return server.meters().get("gochat.frame.connections").gauge().value();
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
    return server.counted("gochat.refused", "reason", kind.word());
  }

  /** Everything that was refused, for whatever reason. */
  double refused() {
    return server.meters().find("gochat.refused").counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  double closed(String reason) {
    return server.counted("gochat.frame.closed", "reason", reason);
  }

  /** Its clients go first: time stands still, and a server that stops waits for them. */
  @Override
  public void close() {
    clients.forEach(FrameTestClient::close);
    server.close();
  }
}

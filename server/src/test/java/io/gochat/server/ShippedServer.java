package io.gochat.server;

import io.gochat.server.account.AccountOptions;
import io.gochat.server.account.AccountStore;
import io.gochat.server.account.Accounts;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.cluster.DeviceClaims;
import io.gochat.server.cluster.NodePresence;
import io.gochat.server.config.MemoryPlan;
import io.gochat.server.config.ServerFlags;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.net.ConnectionProtocol;
import io.gochat.server.net.LoopTimer;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.registry.RoomPresence;
import io.gochat.server.session.SessionStore;
import io.gochat.server.session.Sessions;
import io.gochat.server.store.Store;
import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The server that ships, on two event loops and a directory, with quick passwords and nobody limited, and with what a test
 * replaces. Confined to the test's thread; what it is made of may be used from any.
 */
public final class ShippedServer implements AutoCloseable {
  private static final List<String> FLAGS = List.of(
      "--host=127.0.0.1",
      "--port=0",
      "--event-loops=2",
      "--min-free-disk=0",
      "--bcrypt-cost=4",
      "--logins-per-minute=0",
      "--login-failures-per-minute=0",
      "--registrations-per-minute=0");

  private final PrometheusMeterRegistry meters;
  private final Server server;
  private final Running running;

  private ShippedServer(Setup setup, Path directory) throws StartException {
    meters = setup.meters;
    server = Server.start(
        ServerFlags.parse(setup.flags(directory)),
        new Surroundings(
            setup.clock,
            meters,
            setup.memory,
            setup.accountOptions,
            real -> new Replaced(real, setup)));
    running = server.running();
  }

  /** What a test wants different. Confined to the test's thread, and used for one server. */
  public static final class Setup {
    private final List<String> flags = new ArrayList<>();
    private GuardedClock clock = GuardedClock.ofSystem();
    private PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private UnaryOperator<MemoryPlan> memory = UnaryOperator.identity();
    private UnaryOperator<AccountOptions> accountOptions = UnaryOperator.identity();
    private UnaryOperator<MessageLog> log = UnaryOperator.identity();
    private UnaryOperator<AccountStore> accounts = UnaryOperator.identity();
    private UnaryOperator<BooleanSupplier> readiness = UnaryOperator.identity();

    /** More flags, or others than all tests have. */
    public Setup flags(String... more) {
      flags.addAll(List.of(more));
      return this;
    }

    /** What time it is. */
    public Setup clock(GuardedClock other) {
      clock = other;
      return this;
    }

    /** Where it counts. */
    public Setup meters(PrometheusMeterRegistry other) {
      meters = other;
      return this;
    }

    /** How the memory is divided. */
    public Setup memory(UnaryOperator<MemoryPlan> change) {
      memory = change;
      return this;
    }

    /** How accounts are protected. */
    public Setup accountOptions(UnaryOperator<AccountOptions> change) {
      accountOptions = change;
      return this;
    }

    /** Another log around the real one. */
    public Setup log(UnaryOperator<MessageLog> around) {
      log = around;
      return this;
    }

    /** Other accounts around the real ones. */
    public Setup accounts(UnaryOperator<AccountStore> around) {
      accounts = around;
      return this;
    }

    /** Whether the store says that it is ready. */
    public Setup readiness(BooleanSupplier other) {
      readiness = real -> other;
      return this;
    }

    private String[] flags(Path directory) {
      Stream<String> usual = FLAGS.stream()
          .filter(flag -> flags.stream().noneMatch(other -> name(other).equals(name(flag))));
      return Stream.of(usual, Stream.of("--data-dir=" + directory), flags.stream())
          .flatMap(each -> each)
          .toArray(String[]::new);
    }

    private static String name(String flag) {
      return flag.substring(0, flag.indexOf('='));
    }

    /** Starts it. */
    public ShippedServer start(Path directory) throws StartException {
      return new ShippedServer(this, directory);
    }
  }

  /** Its port. */
  public int port() {
    return server.port();
  }

  /** What it counts. */
  public PrometheusMeterRegistry meters() {
    return meters;
  }

  /** What a counter says; 0: nothing was counted yet. */
  public double counted(String meter, String... tags) {
    Counter counter = meters.find(meter).tags(tags).counter();
    return counter == null ? 0 : counter.count();
  }

  /** Where everything is kept. */
  public Store store() {
    return running.store();
  }

  /** Who there is. */
  public Accounts accounts() {
    return running.users().accounts();
  }

  /** Who is signed in. */
  public Sessions sessions() {
    return running.users().sessions();
  }

  /** Who is connected. */
  public ConnectionRegistry registry() {
    return running.services().registry();
  }

  /** Who is in which room. */
  public RoomPresence presence() {
    return running.services().presence();
  }

  /** What may wait. */
  public Budgets budgets() {
    return running.budgets();
  }

  /** How many connections are open, of whatever protocol. */
  public int connections() {
    return running.limiter().open();
  }

  /** What the port speaks, in the order in which the sniffer asks. */
  public List<ConnectionProtocol> protocols() {
    return running.protocols().all();
  }

  /** Nobody is welcome any more, as when it begins to stop. */
  public void drain() {
    running.protocols().drain();
  }

  /** Lets every event loop look at its deadlines, and returns when they have. */
  public void tick() {
    for (EventLoop loop : running.loops().all()) {
      LoopTimer timer = running.loops().timer(loop);
      loop.submit(timer::tick).syncUninterruptibly();
    }
  }

  /** Stops it as it stops when it ships, which waits seconds for clients that are still connected. */
  @Override
  public void close() {
    server.close();
  }

  /** The real store, but for what a test replaced. Thread-safe. */
  private static final class Replaced implements Store {
    private final Store real;
    private final MessageLog log;
    private final AccountStore accounts;
    private final BooleanSupplier ready;

    Replaced(Store real, Setup setup) {
      this.real = real;
      this.log = setup.log.apply(real.log());
      this.accounts = setup.accounts.apply(real.accounts());
      this.ready = setup.readiness.apply(real::isReady);
    }

    @Override
    public AccountStore accounts() {
      return accounts;
    }

    @Override
    public SessionStore sessions() {
      return real.sessions();
    }

    @Override
    public MessageLog log() {
      return log;
    }

    @Override
    public PositionStore positions() {
      return real.positions();
    }

    @Override
    public Optional<Outbox> outbox() {
      return real.outbox();
    }

    @Override
    public NodePresence presence() {
      return real.presence();
    }

    @Override
    public DeviceClaims devices() {
      return real.devices();
    }

    @Override
    public Optional<Copy> copy() {
      return real.copy();
    }

    @Override
    public void boundDisk(long maxDiskBytes, long minFreeBytes) {
      real.boundDisk(maxDiskBytes, minFreeBytes);
    }

    @Override
    public boolean isReady() {
      return ready.getAsBoolean();
    }

    @Override
    public void close() {
      real.close();
    }
  }
}

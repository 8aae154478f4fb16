package io.gochat.server.simulation;

import io.gochat.protocol.Limits;
import io.gochat.server.account.AccountOptions;
import io.gochat.server.account.Accounts;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.command.CommandLoops;
import io.gochat.server.command.CommandOptions;
import io.gochat.server.command.CommandServices;
import io.gochat.server.frame.FrameProtocol;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.net.LoopWork;
import io.gochat.server.registry.CloseReason;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.registry.FanOutOptions;
import io.gochat.server.registry.LocalPresence;
import io.gochat.server.registry.SweepingFanOut;
import io.gochat.server.session.SessionEnd;
import io.gochat.server.session.Sessions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The product, between the stores' interfaces and the sockets, put together as {@code Server} does it. Confined to the
 * simulation's thread.
 */
final class Node {
  static final Duration HEARTBEAT = Duration.ofSeconds(4);
  static final Duration HELLO = Duration.ofSeconds(3);
  static final Duration LIFETIME = Duration.ofHours(24);

  final SimulatedTime time;
  final SimulatedMemory memory;
  final SimulatedLog log;
  final SimulatedUsers users;
  final StoreThreads store;
  final Stage stage = new Stage();
  final List<SimulatedLoop> loops = new ArrayList<>();
  final SimulatedLoop scheduler;
  final List<SimulatedChannel> channels = new ArrayList<>();
  final Sessions sessions;
  final Budgets budgets;
  final GuardedClock clock;
  final ConnectionRegistry registry = new ConnectionRegistry(0);
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Dice dice;
  private final Accounts accounts;
  private final SweepingFanOut fanOut;
  private final CommandLoops commands;
  private final FrameProtocol frames;
  private final LocalPresence presence;
  private final int highWater;

  Node(Dice dice, Trace trace) {
    this.dice = dice;
    // Now and then close to where the 32 bits of a connection's milliseconds end.
    time = new SimulatedTime(
        dice.oneIn(2) ? dice.below(1_000_000) : Integer.MAX_VALUE - dice.below(60_000));
    memory = new SimulatedMemory(dice);
    store = new StoreThreads(dice, trace);
    int maxQueued = dice.oneIn(4) ? 3 : 1_000;
    log = new SimulatedLog(dice, time, store, dice.oneIn(2), maxQueued, trace);
    users = new SimulatedUsers(store, log);
    for (int i = dice.between(1, 3); i > 0; i--) {
      loops.add(new SimulatedLoop(stage, time));
    }
    scheduler = new SimulatedLoop(stage, time);
    highWater = dice.oneIn(2) ? 64 * 1_024 : 1_024;
    clock = new GuardedClock(time, time::nanos);
    budgets = new Budgets(limits(), meters);
    fanOut = new SweepingFanOut(log, List.copyOf(loops), fanOutOptions(), budgets, meters, memory);
    presence = new LocalPresence(scheduler, fanOut);
    fanOut.presence(presence);
    log.listener(fanOut);
    accounts = new Accounts(
        users.accounts(),
        AccountOptions.defaults().withCachedAccounts(dice.between(1, 4)),
        clock,
        clock::monotonicMillis,
        meters);
    sessions = new Sessions(users.sessions(), LIFETIME, dice.between(1, 8), clock, meters);
    sessions.onEnded(this::closeConnections);
    Messaging messaging = new Messaging(log, users.positions(), Limits.DEFAULT_MAX_TEXT_BYTES);
    commands = new CommandLoops(
        new CommandServices(accounts, sessions, messaging, registry, fanOut, presence),
        options(),
        budgets,
        loop -> ((SimulatedLoop) loop).timer(),
        meters);
    frames = new FrameProtocol(commands, Limits.DEFAULT_MAX_FRAME_BYTES);
    everySecond(clock::isTrusted);
    everySecond(sessions::sweep);
    everySecond(log::compare);
  }

  private Budgets.Limits limits() {
    long pages = dice.between(1, 4) * 8L * 64 * 1_024; // an eighth of it is lent as pages
    return dice.oneIn(3)
        ? new Budgets.Limits(16 * 1_024, pages, 16 * 1_024, 8 * 1_024, 8 * 1_024)
        : new Budgets.Limits(1 << 20, pages, 1 << 20, 1 << 20, 128 * 1_024);
  }

  private FanOutOptions fanOutOptions() {
    return new FanOutOptions(
        dice.oneIn(3) ? 1_500 : 1 << 20, dice.oneIn(3) ? dice.between(60, 600) : 1 << 20);
  }

  private CommandOptions options() {
    return new CommandOptions(
        "simulated",
        new CommandOptions.Bounds(10, dice.oneIn(3) ? dice.between(1, 3) : 64),
        // No spread of a drain: it would be drawn without a seed.
        new CommandOptions.Times(
            HEARTBEAT, HELLO, Duration.ofSeconds(8), Duration.ofSeconds(5), Duration.ZERO));
  }

  private void everySecond(Runnable task) {
    scheduler.scheduleWithFixedDelay(task, 1, 1, TimeUnit.SECONDS);
  }

  private void closeConnections(String sessionId, SessionEnd end) {
    for (Connection connection : registry.ofSession(sessionId)) {
      connection.close(end == SessionEnd.REVOKED ? CloseReason.REVOKED : CloseReason.EXPIRED);
    }
  }

  // ---- connections ----

  /** A client connects. */
  SimulatedChannel accept(Wire wire, int host) {
    SimulatedLoop loop = dice.of(loops);
    SimulatedChannel channel = new SimulatedChannel(wire, address(host), memory, highWater);
    channels.add(channel);
    loop.work(() -> {
      loop.register(channel);
      frames.install(channel);
    });
    return channel;
  }

  private static InetSocketAddress address(int host) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host}), 1);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  // ---- what the threads do, one step each ----

  /** One of the channels of this loop is read or sent on, if one is ready; false: none is. */
  boolean poll(SimulatedLoop loop, boolean calm) {
    List<SimulatedChannel> ready = channels.stream()
        .filter(each -> each.loop() == loop && (each.isReadable() || each.isFlushable()))
        .toList();
    if (ready.isEmpty()) {
      return false;
    }
    SimulatedChannel channel = dice.of(ready);
    if (channel.isFlushable() && (!channel.isReadable() || dice.oneIn(2))) {
      loop.work(channel::flushOn);
    } else {
      int most = calm || dice.oneIn(2) ? 64 * 1_024 : dice.between(1, 60);
      loop.work(() -> channel.read(most));
    }
    channels.removeIf(each -> !each.isOpen());
    return true;
  }

  /** The fan-out's part of the loop; false: there is none. */
  boolean sweep(SimulatedLoop loop) {
    LoopWork work = fanOut.sweepOf(loop);
    if (!work.pending()) {
      return false;
    }
    loop.work(work::run);
    return true;
  }

  /** Time passes. */
  void pass(long ms) {
    time.pass(ms);
    loops.forEach(SimulatedLoop::fetchDue);
    scheduler.fetchDue();
  }

  /** As when the server stops. */
  void drain() {
    stage.run(null, () -> {
      commands.drain();
      registry.all().stream()
          .sorted(Comparator.comparing(Connection::sessionId))
          .forEach(connection -> connection.close(CloseReason.DRAIN));
    });
  }

  /** Something of the store's threads. */
  void asStore(Runnable work) {
    stage.run(null, work);
  }

  // ---- the end ----

  /** Everybody has gone: nothing is left of them. */
  void mustBeEmpty(List<Long> rooms) {
    loops.forEach(loop -> loop.work(fanOut.sweepOf(loop)::run)); // publishes its figures
    Check.equal(channels.stream().filter(SimulatedChannel::isOpen).count(), 0, "open channels");
    Check.equal(registry.size(), 0, "registered connections");
    Check.equal(log.watched(), 0, "watched topics");
    Check.equal(memory.inUse(), 0, "bytes of buffers that were not released");
    Check.equal(budgets.out().used(), 0, "bytes of the budget out");
    Check.equal(budgets.in().used(), 0, "bytes of the budget in");
    Check.equal(budgets.replay().used(), 0, "bytes of the budget replay");
    Check.equal(gauge("gochat.fanout.chunk_bytes"), 0, "bytes of chunks");
    Check.equal(gauge("gochat.fanout.topics"), 0, "topics of the fan-out");
    Check.equal(gauge("gochat.frame.connections"), 0, "connections");
    for (long room : rooms) {
      Check.equal(presence.room(room, 0).count(), 0, "users in room " + room);
    }
    for (SimulatedLoop loop : loops) {
      Check.equal(loop.timer().size(), 0, "deadlines");
    }
    accounts.close();
    meters.close();
  }

  private long gauge(String name) {
    return (long) meters.get(name).gauge().value();
  }
}

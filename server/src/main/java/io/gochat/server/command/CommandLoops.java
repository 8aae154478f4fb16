package io.gochat.server.command;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.net.LoopTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The command side of all connections, whatever they speak. Thread-safe. */
public final class CommandLoops {
  private final CommandServices services;
  private final CommandOptions options;
  private final Budgets budgets;
  private final Function<EventLoop, LoopTimer> timers;
  private final MeterRegistry meters;
  private final Commands commands;
  private final Draining draining = new Draining();
  private final Map<EventLoop, CommandLoop> loops = new ConcurrentHashMap<>();

  /** What waits is charged to {@code budgets}; {@code timers} gives each event loop's timer. */
  public CommandLoops(
      CommandServices services,
      CommandOptions options,
      Budgets budgets,
      Function<EventLoop, LoopTimer> timers,
      MeterRegistry meters) {
    this.services = services;
    this.options = options;
    this.budgets = budgets;
    this.timers = timers;
    this.meters = meters;
    this.commands = new Commands(services, options, draining);
  }

  /** What the connections of a protocol count, under its name. */
  public CommandMeters meters(String protocol) {
    return new CommandMeters(meters, protocol);
  }

  /** The command side of a new connection. On its loop. */
  public Inbound connect(Peer peer, CommandMeters meters) {
    Channel channel = peer.channel();
    CommandLoop loop = loops.computeIfAbsent(
        channel.eventLoop(),
        eventLoop -> new CommandLoop(
            eventLoop, timers.apply(eventLoop), services, options, budgets, draining));
    return new Inbound(loop, peer, meters, commands);
  }

  /**
   * The server is stopping: who signs in from now on is sent away at once. The connections that are open already are
   * closed through the registry.
   */
  public void drain() {
    draining.start();
  }
}

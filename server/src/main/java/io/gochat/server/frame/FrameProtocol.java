package io.gochat.server.frame;

import io.gochat.protocol.frame.FrameHeader;
import io.gochat.server.net.ConnectionProtocol;
import io.gochat.server.net.LoopTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The frame channel on the port: a connection whose first byte is the version of our frames. Thread-safe. */
public final class FrameProtocol implements ConnectionProtocol {
  private final FrameServices services;
  private final FrameOptions options;
  private final Function<EventLoop, LoopTimer> timers;
  private final FrameMetrics metrics;
  private final Draining draining = new Draining();
  private final Map<EventLoop, FrameLoop> loops = new ConcurrentHashMap<>();

  /** {@code timers} gives each event loop's timer. */
  public FrameProtocol(
      FrameServices services,
      FrameOptions options,
      Function<EventLoop, LoopTimer> timers,
      MeterRegistry meters) {
    this.services = services;
    this.options = options;
    this.timers = timers;
    this.metrics = new FrameMetrics(meters);
  }

  @Override
  public String name() {
    return "frame";
  }

  @Override
  public Match match(ByteBuf head) {
    return head.getUnsignedByte(head.readerIndex()) == FrameHeader.VERSION ? Match.YES : Match.NO;
  }

  @Override
  public void install(Channel channel) {
    FrameLoop loop = loops.computeIfAbsent(
        channel.eventLoop(),
        eventLoop -> new FrameLoop(
            eventLoop, timers.apply(eventLoop), services, options, metrics, draining));
    channel.pipeline().addLast(new FrameConnection(loop, channel));
  }

  /**
   * The server is stopping: who signs in from now on is sent away at once. The connections that are open already are
   * closed through the registry.
   */
  public void drain() {
    draining.start();
  }
}

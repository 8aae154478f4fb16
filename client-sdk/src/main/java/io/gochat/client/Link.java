package io.gochat.client;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Ping;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Welcome;
import io.gochat.protocol.frame.FrameDecoder;
import io.gochat.protocol.frame.FrameEncoder;
import io.gochat.protocol.frame.FrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.CodecException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection: handshake, framing, heartbeat, and the pause when the listeners are behind. It judges nothing
 * beyond that and never reconnects. Confined to the client's event loop.
 */
final class Link extends ChannelInboundHandlerAdapter {
  /** After a {@code GoAway} the server closes within 5 s; a second of grace. */
  private static final long GO_AWAY_MS = 6_000;

  private static final int DEFAULT_HEARTBEAT_MS = 30_000;

  /** How a connection ended. */
  sealed interface Down {
    /** It broke, or never came up. */
    record Lost(String detail) implements Down {}

    /** The server said goodbye. */
    record WentAway(GoAway goAway) implements Down {}

    /** The server refused us. */
    record Refused(io.gochat.protocol.Error error) implements Down {}

    /** Something in this client failed, or in a library beside it. */
    record Failed(Throwable cause) implements Down {}

    /** What came was no frame, or none that may come here. */
    record Broken(String detail, boolean welcomed) implements Down {}
  }

  /** Who is told. All on the event loop; nothing after {@link #down}, and nothing after {@link Link#close}. */
  interface Events {
    /** The handshake is done. */
    void welcomed(Link link, Welcome welcome);

    /** Any later frame, but for {@code Pong}, {@code GoAway} and fatal errors. */
    void received(ServerFrame frame);

    /** The last frame of a read was given out: the time to answer. */
    void readComplete();

    /** Whether to stop reading, until {@link Link#resumeReading}. */
    boolean isFull();

    /** There is room in the socket again. */
    void writable();

    /** The server is about to close: no new commands. */
    void goingAway();

    /** It is over. */
    void down(Down down);
  }

  private final ClientFrame hello;
  private final long helloId;
  private final long heartbeatOverrideMs;
  private final Environment environment;
  private final Events events;
  private final FrameDecoder decoder = new FrameDecoder(Limits.MAX_OUTBOUND_FRAME_BYTES);
  private @Nullable ChannelHandlerContext context;
  private @Nullable GoAway goAway;
  private @Nullable Runnable cancelTimer;
  private boolean welcomed;
  private boolean over;
  private boolean paused;
  private int maxFrameBytes = Limits.DEFAULT_MAX_FRAME_BYTES;
  private long heartbeatMs;
  private long lastReadMs;
  private long lastWriteMs;
  private long lastPingMs;

  /** Says {@code hello} when the channel is active. {@code heartbeatOverrideMs} 0: as the server asks. */
  Link(ClientFrame hello, long heartbeatOverrideMs, Environment environment, Events events) {
    this.hello = hello;
    this.helloId = hello.getRequestId();
    this.heartbeatOverrideMs = heartbeatOverrideMs;
    this.environment = environment;
    this.events = events;
  }

  /** The largest payload that the server takes. */
  int maxFrameBytes() {
    return maxFrameBytes;
  }

  /** Whether the socket takes more for now. */
  boolean isWritable() {
    ChannelHandlerContext ctx = context;
    return ctx != null && ctx.channel().isWritable();
  }

  /** Queues a frame; {@link #flush} sends it. */
  void write(ClientFrame frame) {
    ChannelHandlerContext ctx = context;
    if (ctx != null && !over) {
      lastWriteMs = nowMs();
      // The pipeline releases the buffer.
      ctx.write(FrameEncoder.encode(frame, ctx.alloc()), ctx.voidPromise());
    }
  }

  void flush() {
    if (context != null && !over) {
      context.flush();
    }
  }

  /** Takes what was left undecoded, then reads on. */
  void resumeReading() {
    if (paused && !over) {
      paused = false;
      // Nothing was read on purpose; that was no silence of the server's.
      lastReadMs = nowMs();
      decode();
    }
  }

  /** Gives up at the deadline if the server has not said {@code Welcome}; covers the TCP connect too. */
  void startHandshakeTimer(EventLoop loop, long timeoutMs) {
    cancelTimer = environment
        .timers()
        .after(loop, timeoutMs, () -> down(new Down.Lost("no welcome in time")));
  }

  /** The TCP connect failed. */
  void connectFailed(Throwable cause) {
    down(new Down.Lost(String.valueOf(cause.getMessage())));
  }

  /** After a {@code GoAway}, when there is nothing left to wait for. */
  void goodbye() {
    down(new Down.Lost("goodbye"));
  }

  /** Closes without another event, after what was written is sent. */
  void close() {
    ChannelHandlerContext ctx = finish();
    if (ctx != null) {
      boolean sendable = ctx.channel().isWritable();
      if (sendable) {
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      } else {
        ctx.close();
      }
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    if (over) {
      ctx.close();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    decoder.close();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    write(hello);
    flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object received) {
    ByteBuf bytes = (ByteBuf) received;
    if (over) {
      bytes.release();
      return;
    }
    lastReadMs = nowMs();
    decoder.feed(bytes);
    decode();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!over && welcomed && ctx.channel().isWritable()) {
      events.writable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    down(new Down.Lost("the connection was closed"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    boolean isTheWire = cause instanceof IOException
        || cause instanceof CodecException
        || cause instanceof ChannelException;
    down(isTheWire ? new Down.Lost(message(cause)) : new Down.Failed(cause));
  }

  /** Of what is behind it: a failed handshake is wrapped in general words. */
  private static String message(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  private void decode() {
    try {
      while (!over && !paused) {
        ServerFrame frame = decoder.next(ServerFrame.parser());
        if (frame == null) {
          break;
        }
        take(frame);
        paused = !over && welcomed && events.isFull();
      }
    } catch (FrameException e) {
      down(new Down.Broken(String.valueOf(e.getMessage()), welcomed));
    }
    Channel channel = context == null ? null : context.channel();
    if (!over && channel != null && channel.config().isAutoRead() == paused) {
      channel.config().setAutoRead(!paused);
    }
    if (!over && welcomed) {
      events.readComplete();
    }
  }

  private void take(ServerFrame frame) {
    switch (frame.getEventCase()) {
      case GO_AWAY -> goAway(frame.getGoAway());
      case ERROR -> {
        boolean ofHello = !welcomed && frame.getRequestId() == helloId;
        if (frame.getError().getFatal() || ofHello) {
          down(new Down.Refused(frame.getError()));
        } else if (welcomed) {
          events.received(frame);
        }
      }
      case WELCOME -> welcome(frame.getWelcome());
      // What a newer server may send, and what only proves that the server is there.
      case PONG, EVENT_NOT_SET -> {}
      default -> {
        if (welcomed) {
          events.received(frame);
        } else {
          down(new Down.Broken("a " + frame.getEventCase() + " before the welcome", false));
        }
      }
    }
  }

  private void welcome(Welcome welcome) {
    if (welcomed) {
      down(new Down.Broken("a second welcome", true));
      return;
    }
    welcomed = true;
    maxFrameBytes = welcome.getMaxFrameBytes() > 0 ? welcome.getMaxFrameBytes() : maxFrameBytes;
    int asked = welcome.getHeartbeatMs() > 0 ? welcome.getHeartbeatMs() : DEFAULT_HEARTBEAT_MS;
    heartbeatMs = heartbeatOverrideMs > 0 ? heartbeatOverrideMs : asked;
    lastPingMs = nowMs();
    beat();
    events.welcomed(this, welcome);
  }

  private void goAway(GoAway said) {
    goAway = said;
    if (welcomed) {
      timer(GO_AWAY_MS, () -> down(new Down.Lost("the server did not close")));
      events.goingAway();
    }
  }

  /**
   * Pings when nothing was received or nothing was sent for a heartbeat, and gives up after 2.5 of them in silence.
   * One timer, that looks when it fires and not at each frame.
   */
  private void beat() {
    long now = nowMs();
    if (paused) {
      lastReadMs = now;
    }
    long silentAtMs = lastReadMs + heartbeatMs * 5 / 2;
    if (now >= silentAtMs) {
      down(new Down.Lost("the server was silent for " + (now - lastReadMs) + " ms"));
      return;
    }
    if (now >= nextPingMs()) {
      lastPingMs = now;
      write(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()).build());
      flush();
    }
    long next = Math.min(nextPingMs(), silentAtMs) - now;
    timer(Math.max(1, next), this::beat);
  }

  private long nextPingMs() {
    return Math.max(Math.min(lastReadMs, lastWriteMs), lastPingMs) + heartbeatMs;
  }

  private void timer(long delayMs, Runnable task) {
    cancelTimer();
    ChannelHandlerContext ctx = context;
    if (ctx != null && !over) {
      cancelTimer = environment.timers().after(ctx.channel().eventLoop(), delayMs, task);
    }
  }

  private void cancelTimer() {
    if (cancelTimer != null) {
      cancelTimer.run();
      cancelTimer = null;
    }
  }

  private void down(Down down) {
    if (!over) {
      ChannelHandlerContext ctx = finish();
      if (ctx != null) {
        ctx.close();
      }
      events.down(goAway != null ? new Down.WentAway(goAway) : down);
    }
  }

  private @Nullable ChannelHandlerContext finish() {
    over = true;
    cancelTimer();
    return context;
  }

  private long nowMs() {
    return environment.nowMs().getAsLong();
  }
}

package io.gochat.bench.crowd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a crowd: says what it has to say as soon as it is open, and takes down what it is answered. Confined
 * to its event loop, but for {@link #isSettled}.
 */
@Sharable // on one channel after the other
abstract class CrowdConnection extends ChannelInboundHandlerAdapter {
  private static final int ROOM = 256 * 1_024;

  final AnswerCounts answers;

  private volatile boolean settled;
  private boolean heard;
  private boolean leaving;
  private @Nullable Channel channel;
  private @Nullable Runnable begun;

  CrowdConnection(AnswerCounts answers) {
    this.answers = answers;
  }

  /** Whether it speaks frames, which may come in something else. */
  boolean speaksFrames() {
    return false;
  }

  /** What it says first. */
  abstract byte[] opening();

  /** Bytes from the server, which stay the caller's. */
  abstract void received(ByteBuf in) throws Exception;

  /** It ended before it was settled. */
  abstract void ended();

  /** Whether it has what it wanted, or was told that it will not get it. Any thread. */
  final boolean isSettled() {
    return settled;
  }

  final void settle() {
    settled = true;
  }

  /** Whether a byte ever came. */
  final boolean heard() {
    return heard;
  }

  /** Whether its owner has had enough of it: what happens now means nothing. */
  final boolean isLeaving() {
    return leaving;
  }

  /** What to do, once, as soon as it can speak or will not. */
  final void whenBegun(Runnable then) {
    begun = then;
  }

  /** It can speak, or will not. */
  final void begun() {
    Runnable then = begun;
    if (then != null) {
      begun = null;
      then.run();
    }
  }

  /** Reads from now on. */
  final void read() {
    Channel current = channel;
    if (current != null && current.isOpen()) {
      roomToRead(current);
      current.config().setAutoRead(true);
    }
  }

  /** Gives a connection a usual buffer. */
  static void roomToRead(Channel channel) {
    channel.config().setOption(ChannelOption.SO_RCVBUF, ROOM);
  }

  /** Closes it. */
  final void leave() {
    leaving = true;
    Channel current = channel;
    if (current != null) {
      if (!settled && current.isActive()) {
        answers.add("still open at the end");
      }
      current.close();
    }
  }

  final void say(byte[] bytes) {
    Channel current = channel;
    if (current != null && current.isActive()) {
      current.writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }
  }

  @Override
  public final void channelActive(ChannelHandlerContext context) {
    channel = context.channel();
    heard = false;
    say(opening());
    begun();
  }

  @Override
  public final void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    ByteBuf in = (ByteBuf) message;
    try {
      heard = true;
      received(in);
    } finally {
      in.release();
    }
  }

  @Override
  public final void channelInactive(ChannelHandlerContext context) {
    begun();
    if (!leaving) {
      ended();
    }
  }

  @Override
  public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      answers.add("not understood: " + cause);
    }
    context.close();
  }
}

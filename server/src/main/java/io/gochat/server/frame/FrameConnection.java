package io.gochat.server.frame;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.frame.FrameDecoder;
import io.gochat.protocol.frame.FrameException;
import io.gochat.server.command.AnswerFormat;
import io.gochat.server.command.CommandLoops;
import io.gochat.server.command.CommandMeters;
import io.gochat.server.command.Farewell;
import io.gochat.server.command.Inbound;
import io.gochat.server.command.Peer;
import io.gochat.server.command.UnreadableException;
import io.gochat.server.net.OutputEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Frames on one TCP connection, the last handler of its pipeline. Confined to its event loop. */
final class FrameConnection extends ChannelInboundHandlerAdapter implements Peer {
  private final Channel channel;
  private final FrameDecoder decoder;
  private final int maxFrameBytes;
  private final Inbound inbound;

  FrameConnection(Channel channel, int maxFrameBytes, CommandLoops commands, CommandMeters meters) {
    this.channel = channel;
    this.decoder = new FrameDecoder(maxFrameBytes);
    this.maxFrameBytes = maxFrameBytes;
    this.inbound = commands.connect(this, meters);
  }

  // ---- the channel ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    inbound.begin();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    inbound.end();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    inbound.end();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    inbound.failed(cause);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf received = (ByteBuf) msg;
    if (inbound.receives()) {
      decoder.feed(received);
      inbound.take();
    } else {
      received.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    inbound.readComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    inbound.writabilityChanged();
  }

  // ---- Peer ----

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public AnswerFormat format() {
    return FrameFormat.INSTANCE;
  }

  @Override
  public int maxMessageBytes() {
    return maxFrameBytes;
  }

  @Override
  public @Nullable ClientFrame next() throws UnreadableException {
    try {
      return decoder.next(ClientFrame.parser());
    } catch (FrameException e) {
      String word = e.reason().name().toLowerCase(Locale.ROOT);
      throw new UnreadableException(word, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public int unfinishedBytes() {
    return decoder.unfinishedBytes();
  }

  @Override
  public void discard() {
    decoder.close();
  }

  @Override
  public void finish(Farewell farewell) {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> halfClose());
  }

  /** The peer reads our end and closes; if it does not, the timer does. */
  private void halfClose() {
    OutputEnd.shut(channel);
  }
}

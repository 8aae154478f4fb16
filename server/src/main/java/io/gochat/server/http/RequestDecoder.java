package io.gochat.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Netty's HTTP/1 decoder with a gate: while a request is being answered nothing more is decoded, and what has come
 * stays as bytes. So a client that pipelines costs one read buffer, not one queue of requests. Confined to the
 * connection's event loop.
 */
final class RequestDecoder extends HttpRequestDecoder {
  /** In the pipeline. */
  static final String NAME = "http-decoder";

  private static final int MAX_LINE_BYTES = 4_096;
  private static final int MAX_HEADERS_BYTES = 8_192;
  private static final int MAX_PIECE_BYTES = 65_536;

  private final IntConsumer bytesArrived;
  private boolean gateClosed;
  private boolean discarding;

  /** Tells {@code bytesArrived} how many have come before they are looked at. */
  RequestDecoder(IntConsumer bytesArrived) {
    super(new HttpDecoderConfig()
        .setMaxInitialLineLength(MAX_LINE_BYTES)
        .setMaxHeaderSize(MAX_HEADERS_BYTES)
        .setMaxChunkSize(MAX_PIECE_BYTES)
        .setHeadersFactory(BoundedHeaders.FACTORY)
        .setTrailersFactory(BoundedHeaders.FACTORY));
    this.bytesArrived = bytesArrived;
  }

  /** Decodes nothing until {@link #openGate}. */
  void closeGate() {
    gateClosed = true;
  }

  /** Goes on with what is there. To be called from outside of a read, or within one, which then goes on by itself. */
  void openGate() {
    gateClosed = false;
  }

  /** Decodes what the gate has held back. Not from within a read. */
  void decodeHeldBack(ChannelHandlerContext own) throws Exception {
    if (actualReadableBytes() > 0) {
      super.channelRead(own, Unpooled.EMPTY_BUFFER);
    }
  }

  /** Drops everything from now on: the connection is only waiting for the peer to stop sending. */
  void discard() {
    gateClosed = true;
    discarding = true;
    internalBuffer().skipBytes(actualReadableBytes());
  }

  /** Bytes that have come and are not decoded. */
  int heldBackBytes() {
    return actualReadableBytes();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
    if (discarding) {
      ReferenceCountUtil.release(msg);
      return;
    }
    bytesArrived.accept(((ByteBuf) msg).readableBytes());
    super.channelRead(ctx, msg);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (gateClosed) {
      // Netty's decoder would ask for more, because it has decoded nothing; nothing is wanted.
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (!gateClosed) {
      super.decode(ctx, in, out);
    }
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    if (!gateClosed) {
      super.decodeLast(ctx, in, out);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (gateClosed && event instanceof ChannelInputShutdownEvent) {
      // The peer has said all it wanted to; what it has said is still to be answered.
      ctx.fireUserEventTriggered(event);
    } else {
      super.userEventTriggered(ctx, event);
    }
  }
}

package io.gochat.server.http;

import io.gochat.server.http.ReplyWriter.After;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What one connection is answered: sent at once, or gathered while a read lasts, so that pipelined answers share a send.
 * Confined to the connection's event loop.
 */
final class HttpOutput {
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** Answers that nobody takes: one, and a few small ones; the next request waits. */
  private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(2_048, 4_096);

  private final HttpRuntime http;
  private final ChannelHandlerContext context;
  private final WriteBufferWaterMark waterMarkBefore;
  private boolean isGathering;
  private boolean isFlushDue;

  /** Written by {@code context}, whose channel gets a watermark of its own until {@link #close}. */
  HttpOutput(HttpRuntime http, ChannelHandlerContext context) {
    this.http = http;
    this.context = context;
    this.waterMarkBefore = context.channel().config().getWriteBufferWaterMark();
    context.channel().config().setWriteBufferWaterMark(WATER_MARK);
  }

  /** What is written from now on waits for {@link #flush}. */
  void gather() {
    isGathering = true;
  }

  /** Sends what was gathered. */
  void flush() {
    isGathering = false;
    if (isFlushDue) {
      isFlushDue = false;
      context.flush();
    }
  }

  /** The answer to a request with this head, which may be the last. */
  ChannelFuture write(RequestHead head, Reply reply, boolean isLast) {
    After after = isLast ? After.CLOSE : head.isHttp10() ? After.NEXT_HTTP_1_0 : After.NEXT;
    ChannelFuture written = context.write(bytes(head, reply, after));
    if (isGathering) {
      isFlushDue = true;
    } else {
      context.flush();
    }
    return written;
  }

  /** The last answer, at once; {@code head} is null where none has come. */
  ChannelFuture writeLast(@Nullable RequestHead head, Reply reply) {
    return context.writeAndFlush(bytes(head, reply, After.CLOSE));
  }

  /** Sends what was written; the future is done when the socket has taken all of it. */
  ChannelFuture end() {
    return context.writeAndFlush(Unpooled.EMPTY_BUFFER);
  }

  /** Whoever waits for it may send the body. */
  void goOn() {
    context.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
  }

  /** In a buffer that whoever writes it releases. */
  private ByteBuf bytes(@Nullable RequestHead head, Reply reply, After after) {
    boolean isHead = head != null && head.method().equals(HttpMethod.HEAD);
    Reply allowed = http.rules().forOrigin(head, reply);
    return http.writer().write(context.alloc(), allowed, isHead, after);
  }

  /** Whether the peer takes what it is answered. */
  boolean isTaken() {
    return context.channel().isWritable();
  }

  /** The channel is another protocol's, or closed. */
  void close() {
    context.channel().config().setWriteBufferWaterMark(waterMarkBefore);
  }
}

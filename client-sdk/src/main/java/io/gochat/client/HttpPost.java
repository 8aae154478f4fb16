package io.gochat.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.nio.CharBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One HTTP POST of a JSON body on a connection of its own. Confined to the event loop. */
final class HttpPost extends SimpleChannelInboundHandler<FullHttpResponse> {
  private static final int MAX_ANSWER_BYTES = 65_536;

  /**
   * What the server said.
   *
   * @param status the HTTP status
   * @param errorWord the header {@code X-Error-Code}, or empty
   * @param retryAfterMs from {@code Retry-After}, or 0
   * @param body the body
   */
  record Reply(int status, String errorWord, int retryAfterMs, String body) {}

  private final CompletableFuture<Reply> reply = new CompletableFuture<>();
  private final DefaultFullHttpRequest request;
  private @Nullable Channel channel;

  private HttpPost(DefaultFullHttpRequest request) {
    this.request = request;
  }

  /** What the server says; fails with an {@link IOException} where there is no answer. */
  CompletableFuture<Reply> reply() {
    return reply;
  }

  /** Closes the connection, whatever it has come to. */
  void cancel() {
    fail(new IOException("closed"));
    if (channel != null) {
      channel.close();
    }
  }

  /** Begins to ask. */
  static HttpPost send(Dialer dialer, String path, String json) {
    HttpPost handler = new HttpPost(request(dialer, path, json));
    Bootstrap bootstrap = dialer.bootstrap(new ChannelInitializer<SocketChannel>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        dialer.addTls(channel);
        channel
            .pipeline()
            .addLast(new ReadTimeoutHandler(dialer.timeoutMs(), TimeUnit.MILLISECONDS))
            .addLast(new HttpClientCodec())
            .addLast(new HttpObjectAggregator(MAX_ANSWER_BYTES))
            .addLast(handler);
      }
    });
    ChannelFuture connecting = bootstrap.connect(dialer.address());
    handler.channel = connecting.channel();
    connecting.addListener(done -> {
      if (!done.isSuccess()) {
        handler.fail(done.cause());
      }
    });
    return handler;
  }

  private static DefaultFullHttpRequest request(Dialer dialer, String path, String json) {
    ByteBuf body = ByteBufUtil.encodeString(dialer.allocator(), CharBuffer.wrap(json), UTF_8);
    var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path, body);
    request
        .headers()
        .set(HttpHeaderNames.HOST, dialer.server().toString())
        .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
        .set(HttpHeaderNames.CONNECTION, "close")
        .setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    return request;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (reply.isDone()) {
      ctx.close();
      return;
    }
    // The pipeline releases the request.
    ctx.writeAndFlush(request.retain());
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
    String errorWord = response.headers().get("X-Error-Code", "");
    int retryAfterS = response.headers().getInt(HttpHeaderNames.RETRY_AFTER, 0);
    String body = response.content().toString(UTF_8);
    finish();
    reply.complete(new Reply(
        response.status().code(),
        errorWord,
        Math.max(0, Math.min(retryAfterS, 86_400)) * 1_000,
        body));
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(new IOException("the server closed the connection without an answer"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(cause);
    ctx.close();
  }

  private void fail(Throwable cause) {
    if (reply.isDone()) {
      return;
    }
    finish();
    reply.completeExceptionally(
        cause instanceof IOException ? cause : new IOException(cause.toString(), cause));
  }

  private void finish() {
    if (!reply.isDone()) {
      request.release();
    }
  }
}

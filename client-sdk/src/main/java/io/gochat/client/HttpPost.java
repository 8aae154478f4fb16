package io.gochat.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
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

  private HttpPost(DefaultFullHttpRequest request) {
    this.request = request;
  }

  /** Fails with an {@link IOException} where there is no answer. */
  static CompletableFuture<Reply> send(Transport transport, String path, String json) {
    HttpPost handler = new HttpPost(request(transport, path, json));
    Bootstrap bootstrap = transport.bootstrap(new ChannelInitializer<SocketChannel>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        transport.addTls(channel);
        channel
            .pipeline()
            .addLast(new ReadTimeoutHandler(transport.timeoutMs(), TimeUnit.MILLISECONDS))
            .addLast(new HttpClientCodec())
            .addLast(new HttpObjectAggregator(MAX_ANSWER_BYTES))
            .addLast(handler);
      }
    });
    bootstrap.connect(transport.address()).addListener(done -> {
      if (!done.isSuccess()) {
        handler.fail(done.cause());
      }
    });
    return handler.reply;
  }

  private static DefaultFullHttpRequest request(Transport transport, String path, String json) {
    ByteBuf body = ByteBufUtil.encodeString(transport.allocator(), CharBuffer.wrap(json), UTF_8);
    var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path, body);
    request
        .headers()
        .set(HttpHeaderNames.HOST, transport.hostHeader())
        .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
        .set(HttpHeaderNames.CONNECTION, "close")
        .setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    return request;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
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

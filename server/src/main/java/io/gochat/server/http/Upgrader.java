package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.http.Upgrade.Accepted;
import io.gochat.server.http.Upgrade.Offer;
import io.gochat.server.http.Upgrade.Refused;
import io.gochat.server.net.AllowedOrigins;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Hands a connection over to the protocol that a request asks for; stands between decoder and {@link HttpConnection}, and
 * passes every other request on. Thread-safe: one instance serves all connections.
 */
@Sharable
final class Upgrader extends ChannelInboundHandlerAdapter {
  private final Upgrade upgrade;
  private final AllowedOrigins origins;

  Upgrader(Upgrade upgrade, AllowedOrigins origins) {
    this.upgrade = upgrade;
    this.origins = origins;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest request
        && request.decoderResult().isSuccess()
        && RequestHead.path(request.uri()).equals(upgrade.path())
        && !request.method().equals(HttpMethod.OPTIONS)) {
      HttpConnection connection = (HttpConnection) ctx.pipeline().get(HttpConnection.NAME);
      Reply refusal = refusal(connection, request);
      Handshake handshake = new Handshake(offer(request.headers()), connection);
      // The rest of the request comes to the successor, which knows what to do at its end.
      ctx.pipeline().addAfter(ctx.name(), null, handshake);
      ctx.pipeline().remove(this);
      if (refusal != null) {
        handshake.refuse(refusal);
      }
      return;
    }
    ctx.fireChannelRead(message);
  }

  /** What is wrong with the request, whatever it offers. */
  private @Nullable Reply refusal(HttpConnection connection, HttpRequest request) {
    HttpHeaders headers = request.headers();
    if (connection.isTlsMissing(RequestHead.forwardedFor(headers))) {
      return HttpErrors.TLS_REQUIRED;
    }
    if (!request.method().equals(HttpMethod.GET)) {
      return HttpErrors.reply(ErrorKind.METHOD_NOT_ALLOWED, "", "Allow: GET, OPTIONS\r\n");
    }
    boolean asks = has(headers, HttpHeaderNames.CONNECTION, "upgrade")
        && has(headers, HttpHeaderNames.UPGRADE, upgrade.protocol());
    if (!asks || !request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
      return HttpErrors.reply(
          ErrorKind.UPGRADE_REQUIRED,
          upgrade.protocol(),
          "Upgrade: " + upgrade.protocol() + "\r\nConnection: Upgrade\r\n");
    }
    if (headers.getAll(HttpHeaderNames.HOST).size() != 1) {
      return HttpErrors.reply(ErrorKind.INVALID_ARGUMENT, "Host: not one", "");
    }
    if (HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0) {
      return HttpErrors.reply(ErrorKind.INVALID_ARGUMENT, "a body", "");
    }
    String origin = headers.get(HttpHeaderNames.ORIGIN);
    return origins.permits(origin, headers.get(HttpHeaderNames.HOST))
        ? null
        : HttpErrors.reply(ErrorKind.FORBIDDEN, "Origin: see --allowed-origins", "");
  }

  private static Offer offer(HttpHeaders headers) {
    List<String> keys = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    return new Offer(
        headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION),
        keys.size() == 1 ? keys.get(0) : null,
        elements(headers, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
  }

  private static boolean has(HttpHeaders headers, CharSequence name, String wanted) {
    return elements(headers, name).stream()
        .anyMatch(element -> element.toLowerCase(Locale.ROOT).equals(wanted));
  }

  /** The elements of a list, over all its lines. */
  private static List<String> elements(HttpHeaders headers, CharSequence name) {
    List<String> elements = new ArrayList<>();
    for (String line : headers.getAll(name)) {
      for (String element : line.split(",", -1)) {
        elements.add(element.trim());
      }
    }
    return elements;
  }

  /** Waits for the end of the request, which has no body, and answers it. Confined to the connection's event loop. */
  private final class Handshake extends ChannelInboundHandlerAdapter {
    private final Offer offer;
    private final HttpConnection connection;
    private boolean answered;

    Handshake(Offer offer, HttpConnection connection) {
      this.offer = offer;
      this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      try {
        if (!answered && message instanceof HttpContent content) {
          take(ctx, content);
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    private void take(ChannelHandlerContext ctx, HttpContent content) {
      if (content.content().isReadable() || content.decoderResult().isFailure()) {
        refuse(HttpErrors.reply(ErrorKind.INVALID_ARGUMENT, "a body", ""));
      } else if (content instanceof LastHttpContent) {
        Upgrade.Answer answer = upgrade.judge(offer);
        if (answer instanceof Accepted accepted) {
          accept(ctx, accepted);
        } else if (answer instanceof Refused refused) {
          refuse(HttpErrors.reply(refused.kind(), refused.detail(), refused.headers()));
        }
      }
    }

    /** Nothing that comes after it is looked at. */
    void refuse(Reply reply) {
      answered = true;
      connection.refuse(reply);
    }

    private void accept(ChannelHandlerContext ctx, Accepted accepted) {
      answered = true;
      String head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + upgrade.protocol()
          + "\r\nConnection: Upgrade\r\n" + accepted.headers() + "\r\n";
      ctx.writeAndFlush(Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII));
      ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
      ctx.channel().config().setAutoRead(true);
      ChannelPipeline pipeline = ctx.pipeline();
      pipeline.remove(HttpConnection.NAME);
      upgrade.install(ctx.channel(), accepted.subprotocol());
      pipeline.remove(this);
      // Last: what has come behind the request goes on to the new protocol.
      pipeline.remove(RequestDecoder.NAME);
    }
  }
}

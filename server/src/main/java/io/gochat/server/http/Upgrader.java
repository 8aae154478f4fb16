package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.http.Upgrade.Accepted;
import io.gochat.server.http.Upgrade.Offer;
import io.gochat.server.http.Upgrade.Refused;
import io.gochat.server.net.AllowedOrigins;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
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
  private final ReplyWriter writer;
  private final HttpMeters meters;

  Upgrader(Upgrade upgrade, AllowedOrigins origins, ReplyWriter writer, HttpMeters meters) {
    this.upgrade = upgrade;
    this.origins = origins;
    this.writer = writer;
    this.meters = meters;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest request
        && request.decoderResult().isSuccess()
        && RequestHead.path(request.uri()).equals(upgrade.path())
        && !request.method().equals(HttpMethod.OPTIONS)) {
      Reply refusal = refusal(ctx.pipeline(), request);
      Offer offer = offer(request.headers());
      // The rest of the request comes to the successor, which knows what to do at its end.
      ctx.pipeline().addAfter(ctx.name(), null, new Handshake(offer, refusal));
      ctx.pipeline().remove(this);
      return;
    }
    ctx.fireChannelRead(message);
  }

  /** What is wrong with the request, whatever it offers. */
  private @Nullable Reply refusal(ChannelPipeline pipeline, HttpRequest request) {
    HttpHeaders headers = request.headers();
    HttpConnection connection = (HttpConnection) pipeline.get(HttpConnection.NAME);
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
    private final @Nullable Reply refusal;
    private boolean answered;

    Handshake(Offer offer, @Nullable Reply refusal) {
      this.offer = offer;
      this.refusal = refusal;
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
      if (refusal != null) {
        refuse(ctx, refusal);
      } else if (content.content().isReadable() || content.decoderResult().isFailure()) {
        refuse(ctx, HttpErrors.reply(ErrorKind.INVALID_ARGUMENT, "a body", ""));
      } else if (content instanceof LastHttpContent) {
        Upgrade.Answer answer = upgrade.judge(offer);
        if (answer instanceof Accepted accepted) {
          accept(ctx, accepted);
        } else if (answer instanceof Refused refused) {
          refuse(ctx, HttpErrors.reply(refused.kind(), refused.detail(), refused.headers()));
        }
      }
    }

    private void refuse(ChannelHandlerContext ctx, Reply reply) {
      answered = true;
      meters.cutOff(null, reply);
      ByteBuf bytes = writer.write(ctx.alloc(), reply, false, ReplyWriter.After.CLOSE);
      ctx.writeAndFlush(bytes).addListener(ChannelFutureListener.CLOSE);
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

package io.gochat.server.webhook;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Objects;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an endpoint: a request, its answer, the next request. Confined to its event loop. Each request is
 * answered exactly once.
 *
 * <p>An answer is told when the read that it came with is over: whatever stands behind it there was not asked for, and must
 * not be taken for the answer to the next request.
 */
final class EndpointConnection extends SimpleChannelInboundHandler<HttpObject> {
  private static final int MAX_ANSWER_BYTES = 64 << 10;
  private static final long MAX_RETRY_AFTER_S = 300;

  private final Consumer<EndpointConnection> released;
  private final Consumer<EndpointConnection> closed;
  private @Nullable Endpoint endpoint;
  private @Nullable Channel channel;
  private @Nullable Request request;
  private @Nullable Outcome head;
  private boolean isKept;
  private boolean hasAnswered;
  /** The answer is here, and is told when the read is over. */
  private boolean isWhole;

  private int answerBytes;
  private long idleSinceMs;

  /**
   * A request under way.
   *
   * @param deadlineMs when it is over, by monotonic time
   * @param stale run instead of an answer when the connection turns out to be gone; null: that is a failure
   * @param answer what became of it
   */
  record Request(long deadlineMs, @Nullable Runnable stale, Consumer<Outcome> answer) {}

  EndpointConnection(Consumer<EndpointConnection> released, Consumer<EndpointConnection> closed) {
    this.released = released;
    this.closed = closed;
  }

  void endpoint(Endpoint of) {
    endpoint = of;
  }

  Endpoint endpoint() {
    return Objects.requireNonNull(endpoint);
  }

  Channel channel() {
    return Objects.requireNonNull(channel);
  }

  boolean isUsable() {
    return channel().isActive();
  }

  void idleSince(long nowMs) {
    idleSinceMs = nowMs;
  }

  /** Sends it; takes {@code bytes} over. */
  void send(Request next, ByteBuf bytes) {
    request = next;
    head = null;
    isKept = false;
    hasAnswered = false;
    isWhole = false;
    answerBytes = 0;
    channel().writeAndFlush(bytes).addListener(written -> {
      if (!written.isSuccess()) {
        broken(failure(written.cause()));
      }
    });
  }

  void tick(long nowMs, long idleMs) {
    Request open = request;
    if (open == null ? nowMs - idleSinceMs >= idleMs : nowMs >= open.deadlineMs) {
      finish(Outcome.failed(Outcome.Kind.TIMEOUT, "no whole answer within 15 s"));
      channel().close();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = ctx.channel();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
    if (part.decoderResult().isFailure()) {
      finish(head != null ? head : Outcome.failed(Outcome.Kind.NO_HTTP, "the answer is no HTTP"));
      ctx.close();
      return;
    }
    if (request == null || isWhole) {
      isKept = false; // an answer to nothing
      if (!isWhole) {
        ctx.close();
      }
      return;
    }
    if (part instanceof HttpResponse answer) {
      begin(answer);
    }
    if (part instanceof HttpContent content) {
      answerBytes += content.content().readableBytes();
      if (answerBytes > MAX_ANSWER_BYTES) {
        isKept = false;
        end(ctx);
      } else if (part instanceof LastHttpContent) {
        end(ctx);
      }
    }
  }

  private void begin(HttpResponse answer) {
    hasAnswered = true;
    int status = answer.status().code();
    if (answer.status().codeClass() == HttpStatusClass.INFORMATIONAL && status != 101) {
      return;
    }
    isKept = HttpUtil.isKeepAlive(answer);
    head = Outcome.answered(status, retryAfterMs(answer));
  }

  /** In seconds; a date is not worth its parsing. */
  private static long retryAfterMs(HttpResponse answer) {
    String value = answer.headers().get(HttpHeaderNames.RETRY_AFTER);
    return value != null && value.matches("[0-9]{1,9}")
        ? Math.min(MAX_RETRY_AFTER_S, Long.parseLong(value)) * 1_000
        : 0;
  }

  private void end(ChannelHandlerContext ctx) {
    if (head == null) {
      return; // an interim answer
    }
    isWhole = true;
    if (!isKept) {
      tell(ctx);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (isWhole) {
      tell(ctx);
    }
    ctx.fireChannelReadComplete();
  }

  private void tell(ChannelHandlerContext ctx) {
    Outcome outcome = Objects.requireNonNull(head);
    if (!isKept) {
      ctx.close();
      finish(outcome);
      return;
    }
    head = null;
    isWhole = false;
    Request answered = request;
    request = null;
    released.accept(this);
    if (answered != null) {
      answered.answer.accept(outcome);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
      finish(failure(handshake.cause()));
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    broken(failure(cause));
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed.accept(this);
    broken(Outcome.failed(Outcome.Kind.UNREACHABLE, "the connection was closed"));
  }

  private static Outcome failure(Throwable thrown) {
    Throwable cause = thrown instanceof DecoderException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
    return Outcome.failed(
        cause instanceof SSLException ? Outcome.Kind.TLS : Outcome.Kind.UNREACHABLE,
        String.valueOf(cause.getMessage()));
  }

  private void broken(Outcome outcome) {
    Request open = request;
    if (open != null && open.stale != null && !hasAnswered) {
      request = null;
      open.stale.run();
    } else {
      finish(outcome);
    }
  }

  private void finish(Outcome outcome) {
    Request open = request;
    request = null;
    isWhole = false;
    if (open != null) {
      // The status is what counts, also when the rest of the answer never came.
      open.answer.accept(head != null ? head : outcome);
    }
  }
}

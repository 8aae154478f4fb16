package io.gochat.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a new connection speaks, installs that protocol, replays the bytes it held and removes itself. Confined
 * to the connection's event loop.
 *
 * <p>All bytes so far are judged anew whenever some arrive, so it does not matter how the network split them; the budget
 * keeps that cheap, and the deadline ends those that send one byte and wait. The held buffer is owned by this handler
 * until it is passed on.
 *
 * <p>What comes in layers is taken off in this order: a PROXY header, TLS, a protocol. For TLS the sniffer puts its
 * handlers in front of itself and judges what comes out of them, which is neither a PROXY header nor TLS again.
 *
 * <p>Who is refused with an answer is not closed at once: closing with unread bytes would reset the connection and take
 * the answer away. Our side is shut, what comes is dropped, and the end comes with the peer's or a little later.
 */
final class ProtocolSniffer extends ChannelInboundHandlerAdapter implements Timed {
  /** How long a client may leave it open what it speaks; as long again for a handshake before that. */
  static final long DEADLINE_MS = 10_000;

  /** As many bytes tell every protocol. */
  static final int BUDGET_BYTES = 16;

  static final String TLS = "tls";
  static final String TLS_INPUT_END = "tls-input-end";

  private static final Logger log = LoggerFactory.getLogger(ProtocolSniffer.class);
  private static final long LINGER_MS = 2_000;

  private enum Stage {
    SNIFFING,
    HANDSHAKING,
    /** Refused with an answer, which the peer may still be reading. */
    LINGERING,
    /** Handed over, or refused and the close is on its way. */
    OVER
  }

  private final Reception reception;
  private final LoopTimer timer;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf held;
  private Stage stage = Stage.SNIFFING;
  private boolean proxyHeaderPossible;
  private boolean encrypted;
  private long deadlineMs;
  private int timerSlot = -1;

  /** With {@code fromTrustedProxy} a PROXY header may come first. */
  ProtocolSniffer(Reception reception, boolean fromTrustedProxy, LoopTimer timer) {
    this.reception = reception;
    this.proxyHeaderPossible = fromTrustedProxy;
    this.timer = timer;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    deadlineMs = timer.nowMs() + DEADLINE_MS;
    timer.register(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    timer.deregister(this);
    release();
  }

  // ---- what comes

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    if (stage == Stage.LINGERING || stage == Stage.OVER) {
      bytes.release();
      return;
    }
    ByteBuf head = appended(ctx, bytes);
    held = head;
    if (proxyHeaderPossible && !passProxyHeader(ctx, head)) {
      return;
    }
    if (head.isReadable()) {
      judge(ctx, head);
    }
  }

  private ByteBuf appended(ChannelHandlerContext ctx, ByteBuf bytes) {
    ByteBuf before = held;
    if (before == null) {
      return bytes;
    }
    held = null;
    try {
      return ctx.alloc()
          .buffer(before.readableBytes() + bytes.readableBytes())
          .writeBytes(before)
          .writeBytes(bytes);
    } finally {
      before.release();
      bytes.release();
    }
  }

  /** Whether the question of a PROXY header is settled and the connection goes on. */
  private boolean passProxyHeader(ChannelHandlerContext ctx, ByteBuf head) {
    ProxyHeader.Reading reading = ProxyHeader.read(head);
    if (reading instanceof ProxyHeader.Reading.NeedMore) {
      return false; // the parser itself knows the longest header
    }
    if (reading instanceof ProxyHeader.Reading.Malformed) {
      refuse(ctx, Refusal.PROXY_HEADER);
      return false;
    }
    if (reading instanceof ProxyHeader.Reading.Present present) {
      head.skipBytes(present.bytes());
      if (present.client() != null) {
        RemoteAddress.set(ctx.channel(), present.client());
        if (!reception.limiter().admit(ctx.channel(), present.client().getAddress())) {
          refuse(ctx, Refusal.ADDRESS);
          return false;
        }
      }
    }
    proxyHeaderPossible = false;
    return true;
  }

  private void judge(ChannelHandlerContext ctx, ByteBuf head) {
    boolean open = false;
    if (!encrypted) {
      switch (TlsRecord.match(head)) {
        case YES -> {
          beginTls(ctx, head);
          return;
        }
        case NEED_MORE -> open = true;
        case NO -> {}
      }
    }
    for (ConnectionProtocol protocol : reception.protocols()) {
      switch (protocol.match(head)) {
        case YES -> {
          if (ConnectionLimiter.isKept(ctx.channel()) && !protocol.isForOperations()) {
            refuse(ctx, Refusal.LIMIT);
          } else {
            admit(ctx, protocol, head);
          }
          return;
        }
        case NEED_MORE -> open = true;
        case NO -> {}
      }
    }
    if (!open) {
      refuse(ctx, isProxyHeader(head) ? Refusal.PROXY_UNTRUSTED : Refusal.UNKNOWN_PROTOCOL);
    } else if (head.readableBytes() >= BUDGET_BYTES) {
      refuse(ctx, Refusal.BUDGET);
    }
  }

  private boolean isProxyHeader(ByteBuf head) {
    return !encrypted && ProxyHeader.isBegun(head);
  }

  // ---- TLS

  private void beginTls(ChannelHandlerContext ctx, ByteBuf head) {
    TlsHandlers tls = reception.options().tls();
    if (tls == null) {
      refuse(ctx, Refusal.TLS);
      return;
    }
    SslHandler handler = tls.newHandler(ctx.alloc());
    encrypted = true;
    stage = Stage.HANDSHAKING;
    held = null; // the handler's from here on
    ctx.pipeline()
        .addBefore(ctx.name(), TLS, handler)
        .addBefore(ctx.name(), TLS_INPUT_END, TlsInputEnd.INSTANCE)
        .fireChannelRead(head);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && stage == Stage.HANDSHAKING) {
      if (handshake.isSuccess()) {
        stage = Stage.SNIFFING;
        deadlineMs = timer.nowMs() + DEADLINE_MS;
      } else if (!(handshake.cause() instanceof ClosedChannelException)) {
        // The handler has sent its alert, and closes.
        stage = Stage.OVER;
        reception.refused(Refusal.TLS_HANDSHAKE, ctx.channel(), handshake.cause());
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  // ---- the outcome

  private void admit(ChannelHandlerContext ctx, ConnectionProtocol protocol, ByteBuf head) {
    Plaintext plaintext = reception.options().plaintext();
    if (!encrypted && !plaintext.permits(RemoteAddress.of(ctx.channel()).getAddress())) {
      ByteBuf answer = protocol.tlsRequired(ctx.alloc());
      if (answer != null) {
        end(ctx, Refusal.TLS_REQUIRED, answer);
        return;
      }
    }
    stage = Stage.OVER;
    reception.accepted(protocol);
    protocol.install(ctx.channel());
    held = null; // owned by the next handler from here on
    ctx.pipeline().remove(this);
    ctx.fireChannelRead(head);
  }

  private void refuse(ChannelHandlerContext ctx, Refusal reason) {
    ByteBuf head = held == null ? Unpooled.EMPTY_BUFFER : held;
    ByteBuf answer = reason == Refusal.TLS
        ? TlsRecord.handshakeFailure()
        : reception.options().answers().answer(reason, head, ctx.alloc());
    end(ctx, reason, answer);
  }

  /** Ends the connection; takes over {@code answer}. */
  private void end(ChannelHandlerContext ctx, Refusal reason, @Nullable ByteBuf answer) {
    reception.refused(reason, ctx.channel(), null);
    release();
    if (answer == null) {
      stage = Stage.OVER;
      ctx.close();
      return;
    }
    stage = Stage.LINGERING;
    deadlineMs = timer.nowMs() + LINGER_MS;
    ctx.writeAndFlush(answer).addListener(written -> OutputEnd.shut(ctx.channel()));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (stage == Stage.SNIFFING || stage == Stage.HANDSHAKING) {
      boolean silent = held == null && !encrypted;
      reception.refused(silent ? Refusal.CLOSED_EMPTY : Refusal.CLOSED_EARLY, ctx.channel(), null);
    }
    stage = Stage.OVER;
    release();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // Nearly always a reset by the peer, which channelInactive counts, or what TLS has counted.
    log.debug("connection {} failed while it was sniffed", RemoteAddress.of(ctx.channel()), cause);
    ctx.close();
  }

  private void release() {
    ByteBuf bytes = held;
    held = null;
    if (bytes != null) {
      bytes.release();
    }
  }

  // ---- time

  @Override
  public void onTick(long nowMs) {
    ChannelHandlerContext ctx = context;
    if (ctx == null || stage == Stage.OVER) {
      return;
    }
    if (stage == Stage.LINGERING) {
      if (nowMs >= deadlineMs) {
        ctx.close();
      }
    } else if (nowMs >= deadlineMs) {
      refuse(ctx, Refusal.DEADLINE);
    } else if (reception.isClosed()) {
      refuse(ctx, Refusal.DRAIN);
    }
  }

  @Override
  public int timerSlot() {
    return timerSlot;
  }

  @Override
  public void timerSlot(int slot) {
    timerSlot = slot;
  }
}

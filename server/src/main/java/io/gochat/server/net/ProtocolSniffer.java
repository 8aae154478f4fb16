package io.gochat.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
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
 */
final class ProtocolSniffer extends ChannelInboundHandlerAdapter implements Timed {
  /** How long a client may leave it open what it speaks. */
  static final long DEADLINE_MS = 10_000;

  /** As many bytes tell every protocol. */
  static final int BUDGET_BYTES = 16;

  private static final Logger log = LoggerFactory.getLogger(ProtocolSniffer.class);
  private static final int TLS_HANDSHAKE = 0x16;
  private static final int TLS_MAJOR_VERSION = 0x03;

  private final Reception reception;
  private final LoopTimer timer;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf held;
  private boolean proxyHeaderPossible;
  private boolean decided;
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

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    if (decided) { // refused, and the close is on its way
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
    switch (matchTls(head)) {
      case YES -> {
        // The place of TLS: install its handler here, and in front of the tail a sniffer of what is
        // inside.
        refuse(ctx, Refusal.TLS);
        return;
      }
      case NEED_MORE -> open = true;
      case NO -> {}
    }
    for (ConnectionProtocol protocol : reception.protocols()) {
      switch (protocol.match(head)) {
        case YES -> {
          if (ConnectionLimiter.isKept(ctx.channel()) && !protocol.isForOperations()) {
            refuse(ctx, Refusal.LIMIT);
          } else {
            handOver(ctx, protocol, head);
          }
          return;
        }
        case NEED_MORE -> open = true;
        case NO -> {}
      }
    }
    if (!open) {
      refuse(ctx, Refusal.UNKNOWN_PROTOCOL);
    } else if (head.readableBytes() >= BUDGET_BYTES) {
      refuse(ctx, Refusal.BUDGET);
    }
  }

  private static ConnectionProtocol.Match matchTls(ByteBuf head) {
    int start = head.readerIndex();
    if (head.getUnsignedByte(start) != TLS_HANDSHAKE) {
      return ConnectionProtocol.Match.NO;
    }
    if (head.readableBytes() < 2) {
      return ConnectionProtocol.Match.NEED_MORE;
    }
    return head.getUnsignedByte(start + 1) == TLS_MAJOR_VERSION
        ? ConnectionProtocol.Match.YES
        : ConnectionProtocol.Match.NO;
  }

  private void handOver(ChannelHandlerContext ctx, ConnectionProtocol protocol, ByteBuf head) {
    decided = true;
    reception.accepted(protocol);
    protocol.install(ctx.channel());
    held = null; // owned by the next handler from here on
    ctx.pipeline().remove(this);
    ctx.fireChannelRead(head);
  }

  private void refuse(ChannelHandlerContext ctx, Refusal reason) {
    decided = true;
    reception.refused(reason);
    if (log.isDebugEnabled()) {
      log.debug("refused {}: {}", RemoteAddress.of(ctx.channel()), reason.word());
    }
    release();
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!decided) {
      decided = true;
      reception.refused(held == null ? Refusal.CLOSED_EMPTY : Refusal.CLOSED_EARLY);
    }
    release();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // Nearly always a reset by the peer, which channelInactive counts.
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

  @Override
  public void onTick(long nowMs) {
    ChannelHandlerContext ctx = context;
    if (ctx == null || decided) {
      return;
    }
    if (nowMs >= deadlineMs) {
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

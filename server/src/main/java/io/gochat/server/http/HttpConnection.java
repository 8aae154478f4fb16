package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.net.LoopTimer;
import io.gochat.server.net.Timed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP connection: reads a request, has it answered, writes the answer, reads the next. Confined to the
 * connection's event loop; futures of the services hop back here once.
 *
 * <p>One request at a time is what keeps pipelined answers in order and a connection's memory bounded: until its answer
 * is written and taken, the {@link RequestDecoder}'s gate is closed, and once more bytes have come the socket is not
 * read. Refusals that leave the rest of a request unread end the connection, but not at once: closing with unread bytes
 * would reset the connection and take the answer away from a peer that is still sending. So our side is shut, what
 * comes is dropped, and the connection is closed when the peer closes its side, or a little later.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter implements Timed {
  private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);
  private static final long LINGER_MS = 2_000;
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private enum Phase {
    /** Between requests. */
    IDLE,
    /** A request has begun to come. */
    READING,
    /** It has come; the gate is closed. */
    ANSWERING,
    /** The answer is written, but the peer takes none; the gate is closed. */
    BLOCKED,
    /** The last answer is on its way; what comes is dropped. */
    CLOSING,
    /** The last answer has gone and our side is shut; what comes is dropped. */
    LINGERING,
    /** Nothing matters any more. */
    CLOSED
  }

  private final HttpRuntime http;
  private final RequestDecoder decoder;
  private final LoopTimer timer;
  private final InetAddress peer;
  private final RequestReader request;

  // Set once, when the handler is added; nothing else is called before.
  @SuppressWarnings("NullAway.Init")
  private ChannelHandlerContext context;

  private Phase phase = Phase.IDLE;
  private long phaseSinceMs;
  private boolean isReading;
  private boolean isFlushDue;
  private boolean isReadingStopped;
  private boolean isInputShut;
  private int timerSlot = -1;

  HttpConnection(HttpRuntime http, LoopTimer timer, InetAddress peer) {
    this.http = http;
    this.decoder = new RequestDecoder(this::bytesArrived);
    this.timer = timer;
    this.peer = peer;
    this.request = new RequestReader(http.options().maxBodyBytes());
    this.phaseSinceMs = timer.nowMs();
  }

  /** The decoder that stands before this handler. */
  RequestDecoder decoder() {
    return decoder;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    assert ctx.executor().inEventLoop();
    timer.register(this);
    context = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    timer.deregister(this);
    closed();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed();
    ctx.fireChannelInactive();
  }

  // ---- reading a request

  private void bytesArrived() {
    isReading = true;
    if (phase == Phase.IDLE) {
      enter(Phase.READING);
    } else if (phase == Phase.ANSWERING || phase == Phase.BLOCKED) {
      isReadingStopped = true;
      context.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (phase == Phase.READING || phase == Phase.IDLE) {
        read(message);
      }
    } catch (RequestRefusedException e) {
      refuse(e.kind(), e.detail());
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(Object part) {
    if (part instanceof HttpRequest && phase == Phase.IDLE) {
      enter(Phase.READING);
    }
    RequestHead complete = request.read(part);
    if (request.takeContinue()) {
      context.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
    }
    if (complete != null) {
      answer(complete);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    isReading = false;
    if (isFlushDue) {
      isFlushDue = false;
      ctx.flush();
    }
    startOnLeftover();
    ctx.fireChannelReadComplete();
  }

  /** The beginning of a request that came together with the end of the one before has its deadline too. */
  private void startOnLeftover() {
    if (phase == Phase.IDLE && decoder.heldBackBytes() > 0) {
      enter(Phase.READING);
    }
  }

  // ---- answering it

  private void answer(RequestHead complete) {
    enter(Phase.ANSWERING);
    decoder.closeGate();
    http.metrics().started();
    long startNanos = System.nanoTime();
    InetAddress client =
        ClientAddress.of(peer, complete.forwardedFor(), http.options().trustedProxies());
    Call call = new Call(complete, request.body(), request.bodyLength(), peer, client);
    request.clear();
    CompletableFuture<Reply> answer = http.router().answer(call);
    if (answer.isDone()) {
      write(complete, result(answer, complete), startNanos);
    } else {
      answer.whenComplete((reply, failure) -> context.executor().execute(() -> {
        write(complete, result(answer, complete), startNanos);
        proceed();
      }));
    }
  }

  private Reply result(CompletableFuture<Reply> answer, RequestHead complete) {
    try {
      return answer.join();
    } catch (RuntimeException e) {
      return http.router().failure(complete.endpoint(), e);
    }
  }

  private void write(RequestHead answered, Reply reply, long startNanos) {
    http.metrics().finished();
    if (phase != Phase.ANSWERING) {
      return; // the peer has gone
    }
    http.metrics().answered(answered.endpoint(), reply, System.nanoTime() - startNanos);
    boolean last = !answered.keepAlive() || http.isDraining();
    ReplyWriter.After after = last
        ? ReplyWriter.After.CLOSE
        : answered.isHttp10() ? ReplyWriter.After.NEXT_HTTP_1_0 : ReplyWriter.After.NEXT;
    ChannelFuture written = send(reply, answered.method().equals(HttpMethod.HEAD), after);
    if (last) {
      closeAfter(written);
    } else if (context.channel().isWritable()) {
      enter(Phase.IDLE);
      decoder.openGate();
    } else {
      enter(Phase.BLOCKED);
    }
  }

  /** Writes at once, or within a read when that is over, so that pipelined answers share a send. */
  private ChannelFuture send(Reply reply, boolean isHead, ReplyWriter.After after) {
    ByteBuf bytes = http.writer().write(context.alloc(), reply, isHead, after);
    if (isReading) {
      isFlushDue = true;
      return context.write(bytes);
    }
    return context.writeAndFlush(bytes);
  }

  /** Goes on after an answer that was not written within a read. */
  private void proceed() {
    if (phase != Phase.IDLE) {
      return;
    }
    ChannelHandlerContext decoding = context.pipeline().context(decoder);
    if (decoding != null) {
      decodeHeldBack(decoding);
    }
    startOnLeftover();
    if (isInputShut && (phase == Phase.IDLE || phase == Phase.READING)) {
      context.close(); // what is left can never become a request
    } else if (isReadingStopped && (phase == Phase.IDLE || phase == Phase.READING)) {
      isReadingStopped = false;
      context.channel().config().setAutoRead(true);
    }
  }

  private void decodeHeldBack(ChannelHandlerContext decoding) {
    isReading = true;
    try {
      decoder.decodeHeldBack(decoding);
    } catch (Exception e) {
      exceptionCaught(context, e);
    } finally {
      isReading = false;
      if (isFlushDue) {
        isFlushDue = false;
        context.flush();
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (phase == Phase.BLOCKED && ctx.channel().isWritable()) {
      // Not here: this is called from within a flush, after which the caller looks at the phase.
      ctx.executor().execute(this::unblock);
    }
    ctx.fireChannelWritabilityChanged();
  }

  private void unblock() {
    if (phase == Phase.BLOCKED && context.channel().isWritable()) {
      enter(Phase.IDLE);
      decoder.openGate();
      proceed();
    }
  }

  // ---- ending

  /** Answers a request that has not come completely, and ends the connection. */
  private void refuse(ErrorKind kind, String detail) {
    RequestHead head = request.head();
    Endpoint endpoint = head == null ? null : head.endpoint();
    Reply reply = endpoint == null
        ? HttpErrors.reply(kind, detail)
        : HttpErrors.reply(endpoint, kind, detail, 0);
    http.metrics().cutOff(endpoint, reply);
    boolean isHead = head != null && head.method().equals(HttpMethod.HEAD);
    ByteBuf bytes = http.writer().write(context.alloc(), reply, isHead, ReplyWriter.After.CLOSE);
    linger(context.writeAndFlush(bytes));
  }

  private void closeAfter(ChannelFuture written) {
    if (decoder.heldBackBytes() > 0) {
      linger(written);
    } else {
      enter(Phase.CLOSING);
      decoder.discard();
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void linger(ChannelFuture written) {
    enter(Phase.CLOSING);
    decoder.discard();
    request.clear();
    context.channel().config().setAutoRead(true);
    written.addListener(done -> {
      boolean isPlain = context.pipeline().get(SslHandler.class) == null;
      if (done.isSuccess()
          && !isInputShut
          && isPlain
          && context.channel() instanceof DuplexChannel duplex) {
        duplex.shutdownOutput();
        enter(Phase.LINGERING);
      } else {
        context.close();
      }
    });
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      isInputShut = true;
      if (phase == Phase.IDLE || phase == Phase.READING || phase == Phase.LINGERING) {
        ctx.close();
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      log.debug("connection lost", cause);
    } else {
      log.error("closing an HTTP connection on an unexpected failure", cause);
    }
    ctx.close();
  }

  private void closed() {
    phase = Phase.CLOSED;
    request.clear();
  }

  // ---- deadlines

  @Override
  public void onTick(long nowMs) {
    long inPhaseMs = nowMs - phaseSinceMs;
    HttpOptions options = http.options();
    switch (phase) {
      case IDLE -> {
        if (http.isDraining() || inPhaseMs >= options.idleFor().toMillis()) {
          context.close();
        }
      }
      case READING -> {
        if (inPhaseMs >= options.requestWithin().toMillis()) {
          refuse(ErrorKind.REQUEST_TIMEOUT, "");
        }
      }
      case BLOCKED, CLOSING -> {
        if (inPhaseMs >= options.writtenWithin().toMillis()) {
          http.metrics().stalled();
          context.close();
        }
      }
      case LINGERING -> {
        if (inPhaseMs >= LINGER_MS) {
          context.close();
        }
      }
      case ANSWERING, CLOSED -> {}
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

  private void enter(Phase next) {
    enter(next, timer.nowMs());
  }

  private void enter(Phase next, long sinceMs) {
    phase = next;
    phaseSinceMs = sinceMs;
  }
}

package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.net.ConnectionLimiter;
import io.gochat.server.net.Faults;
import io.gochat.server.net.LoopInbox;
import io.gochat.server.net.LoopTimer;
import io.gochat.server.net.OutputEnd;
import io.gochat.server.net.Timed;
import io.gochat.server.session.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP connection: reads a request, has it answered, writes the answer, reads the next. Confined to the
 * connection's event loop; futures of the services hop back here once, all that a commit answers together.
 *
 * <p>One request at a time is what keeps pipelined answers in order and a connection's memory bounded: until its answer
 * is written and taken, the {@link RequestDecoder}'s gate is closed, and once more bytes have come the socket is not
 * read. Refusals that leave the rest of a request unread end the connection, but not at once: closing with unread bytes
 * would reset the connection and take the answer away from a peer that is still sending. So our side is shut, what
 * comes is dropped, and the connection is closed when the peer closes its side, or a little later.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter implements Timed {
  /** In the pipeline. */
  static final String NAME = "http-connection";

  private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);
  private static final Faults FAULTS = new Faults(log);
  private static final long LINGER_MS = 2_000;

  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** Answers that nobody takes: one, and a few small ones; the next request waits. */
  private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(2_048, 4_096);

  private final HttpRuntime http;
  private final RequestDecoder decoder;
  private final LoopTimer timer;
  private final LoopInbox inbox;
  private final Origin origin;
  private final RequestReader request;
  private final ConnectionBudget budget;

  // Set once, when the handler is added; nothing else is called before.
  @SuppressWarnings("NullAway.Init")
  private ChannelHandlerContext context;

  @SuppressWarnings("NullAway.Init") // with the context
  private WriteBufferWaterMark waterMarkBefore;

  private HttpPhase phase = HttpPhase.IDLE;
  private long phaseSinceMs;
  private int heads; // that have come
  private int headsLookedAt;
  private boolean isReading;
  private boolean isFlushDue;
  private boolean isReadingStopped;
  private boolean isInputShut;
  private int timerSlot = -1;

  /** On the loop of {@code timer}, to which answers come back through {@code inbox}. */
  HttpConnection(HttpRuntime http, LoopTimer timer, LoopInbox inbox, Origin origin) {
    this.http = http;
    this.decoder = new RequestDecoder(this::bytesArrived);
    this.timer = timer;
    this.inbox = inbox;
    this.origin = origin;
    this.budget = new ConnectionBudget(http.budgets(), origin.peer());
    this.request =
        new RequestReader(new BodyBuffer(http.options().maxBodyBytes(), this::reserveBody));
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
    waterMarkBefore = ctx.channel().config().getWriteBufferWaterMark();
    ctx.channel().config().setWriteBufferWaterMark(WATER_MARK);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    timer.deregister(this);
    closed();
    ctx.channel().config().setWriteBufferWaterMark(waterMarkBefore); // another protocol goes on
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed();
    ctx.fireChannelInactive();
  }

  // ---- reading a request

  private void bytesArrived(int count) {
    isReading = true;
    if (phase == HttpPhase.IDLE) {
      enter(HttpPhase.READING);
    }
    if (phase == HttpPhase.READING) {
      budget.headCame(count);
    } else if (phase == HttpPhase.ANSWERING || phase == HttpPhase.BLOCKED) {
      isReadingStopped = true;
      context.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (phase.takesRequests()) {
        read(message);
      }
    } catch (RefusedException e) {
      refuse(e.kind(), e.detail());
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(Object part) {
    if (part instanceof HttpRequest) {
      budget.headIsComplete();
      heads++;
      if (phase == HttpPhase.IDLE) {
        enter(HttpPhase.READING);
      }
    }
    RequestHead complete = request.read(part);
    if (complete != null) {
      answer(complete);
    } else if (part instanceof HttpRequest) {
      headCame();
    }
  }

  /** Who waits to be told to go on with the body is told, unless the head says enough. */
  private void headCame() {
    if (request.takeContinue() && !refuseByHead()) {
      context.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
    }
  }

  /** The body is still on its way, and the token in its head tells whether it is worth waiting for. */
  private void checkToken(RequestHead head) {
    String token = HeadRules.tokenOf(head);
    Endpoint endpoint = head.endpoint();
    if (token == null || endpoint == null) {
      return;
    }
    int asked = heads;
    http.router().sessions().check(token).whenComplete((session, failure) -> {
      if (failure == null) {
        onLoop(() -> tokenChecked(endpoint, asked, session));
      }
    });
  }

  private void tokenChecked(Endpoint endpoint, int asked, Optional<Session> session) {
    if (session.isPresent()) {
      budget.user(session.get().userId());
    } else if (phase == HttpPhase.READING && heads == asked) {
      refuse(Router.tokenInvalid(endpoint));
    }
  }

  private void onLoop(Runnable task) {
    if (context.executor().inEventLoop()) {
      task.run();
    } else {
      context.executor().execute(task);
    }
  }

  /** Whether the head alone decided: no path or no method of ours. The rest of the request is not waited for. */
  private boolean refuseByHead() {
    Reply reply = http.rules().refusalOf(origin, request.head());
    if (reply == null) {
      return false;
    }
    refuse(reply);
    return true;
  }

  private boolean reserveBody(long bytes) {
    RequestHead head = request.head();
    if (head != null) {
      budget.client(http.rules().clientOf(origin, head));
    }
    return budget.reserveBody(bytes);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    isReading = false;
    if (isFlushDue) {
      isFlushDue = false;
      ctx.flush();
    }
    startOnLeftover();
    if (phase == HttpPhase.READING) {
      lookAtBeginning();
    }
    ctx.fireChannelReadComplete();
  }

  /** A request has begun and goes on later. */
  private void lookAtBeginning() {
    RequestHead head = request.head();
    if (head == null) {
      if (!budget.hasRoomForHead()) {
        refuse(ErrorKind.OVERLOADED, "");
      }
    } else if (!refuseByHead() && heads != headsLookedAt) {
      headsLookedAt = heads;
      checkToken(head);
    }
  }

  /** The beginning of a request that came together with the end of the one before has its deadline too. */
  private void startOnLeftover() {
    if (phase == HttpPhase.IDLE && decoder.heldBackBytes() > 0) {
      enter(HttpPhase.READING);
      budget.headCame(decoder.heldBackBytes());
    }
  }

  // ---- answering it

  private void answer(RequestHead complete) {
    enter(HttpPhase.ANSWERING);
    decoder.closeGate();
    http.meters().started();
    long startNanos = System.nanoTime();
    InetAddress client = http.rules().clientOf(origin, complete);
    budget.client(client);
    Call call = budget.call(complete, request, origin, client);
    request.clear();
    CompletableFuture<Reply> answer = isKept() && !HeadRules.isOfOperations(complete)
        ? CompletableFuture.completedFuture(
            HttpErrors.reply(ErrorKind.OVERLOADED, "all connections are open"))
        : http.router().answer(call);
    if (answer.isDone()) {
      write(call, result(answer, complete), startNanos);
    } else {
      answer.whenComplete((reply, failure) -> inbox.execute(() -> {
        try {
          write(call, result(answer, complete), startNanos);
          proceed();
        } catch (RuntimeException | Error e) {
          // Nobody else would see it, and the connection would wait for ever.
          exceptionCaught(context, e);
        }
      }));
    }
  }

  /** Whether all others are taken, and this connection is there for a look at the server's health. */
  private boolean isKept() {
    return ConnectionLimiter.isKept(context.channel());
  }

  /** Whether a request that names these forwarders must not come without TLS, and does. */
  boolean isTlsMissing(@Nullable String forwardedFor) {
    return http.rules().isTlsMissing(origin, forwardedFor);
  }

  private Reply result(CompletableFuture<Reply> answer, RequestHead complete) {
    try {
      return answer.join();
    } catch (RuntimeException e) {
      return http.router().failure(complete.endpoint(), e);
    }
  }

  private void write(Call call, Reply made, long startNanos) {
    http.meters().finished();
    budget.requestIsOver();
    RequestHead answered = call.head();
    if (phase != HttpPhase.ANSWERING) {
      return; // the peer has gone
    }
    Reply reply = budget.fitting(call, made);
    http.meters().answered(answered.endpoint(), reply, System.nanoTime() - startNanos);
    boolean last = !answered.keepAlive() || http.isDraining() || isKept();
    ReplyWriter.After after = last
        ? ReplyWriter.After.CLOSE
        : answered.isHttp10() ? ReplyWriter.After.NEXT_HTTP_1_0 : ReplyWriter.After.NEXT;
    ChannelFuture written = send(call, reply, answered.method().equals(HttpMethod.HEAD), after);
    if (last) {
      closeAfter(written);
    } else if (context.channel().isWritable()) {
      enter(HttpPhase.IDLE);
      decoder.openGate();
    } else {
      enter(HttpPhase.BLOCKED);
    }
  }

  /** Writes at once, or within a read when that is over, so that pipelined answers share a send. */
  private ChannelFuture send(Call call, Reply reply, boolean isHead, ReplyWriter.After after) {
    ByteBuf bytes = http.writer()
        .write(context.alloc(), http.rules().forOrigin(call.head(), reply), isHead, after);
    ChannelFuture written = context.write(bytes);
    budget.sending(call, written);
    if (isReading) {
      isFlushDue = true;
    } else {
      context.flush();
    }
    return written;
  }

  /** Goes on after an answer that was not written within a read. */
  private void proceed() {
    if (phase != HttpPhase.IDLE) {
      return;
    }
    ChannelHandlerContext decoding = context.pipeline().context(decoder);
    if (decoding != null) {
      decodeHeldBack(decoding);
    }
    startOnLeftover();
    if (isInputShut && phase.takesRequests()) {
      context.close(); // what is left can never become a request
    } else if (isReadingStopped && phase.takesRequests()) {
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
    if (phase == HttpPhase.BLOCKED && ctx.channel().isWritable()) {
      // Not here: this is called from within a flush, after which the caller looks at the phase.
      ctx.executor().execute(this::unblock);
    }
    ctx.fireChannelWritabilityChanged();
  }

  private void unblock() {
    if (phase == HttpPhase.BLOCKED && context.channel().isWritable()) {
      enter(HttpPhase.IDLE);
      decoder.openGate();
      proceed();
    }
  }

  // ---- ending

  /** Answers a request that has not come completely, and ends the connection. */
  private void refuse(ErrorKind kind, String detail) {
    refuse(HeadRules.refusal(request.head(), kind, detail));
  }

  private void refuse(Reply reply) {
    RequestHead head = request.head();
    http.meters().cutOff(head == null ? null : head.endpoint(), reply);
    boolean isHead = head != null && head.method().equals(HttpMethod.HEAD);
    ByteBuf bytes = http.writer()
        .write(
            context.alloc(), http.rules().forOrigin(head, reply), isHead, ReplyWriter.After.CLOSE);
    linger(context.writeAndFlush(bytes));
  }

  private void closeAfter(ChannelFuture written) {
    if (decoder.heldBackBytes() > 0) {
      linger(written);
    } else {
      enter(HttpPhase.CLOSING);
      decoder.discard();
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void linger(ChannelFuture written) {
    enter(HttpPhase.CLOSING);
    decoder.discard();
    request.clear();
    budget.requestIsOver();
    context.channel().config().setAutoRead(true);
    written.addListener(done -> {
      if (done.isSuccess() && !isInputShut) {
        OutputEnd.shut(context.channel());
        enter(HttpPhase.LINGERING);
      } else {
        context.close();
      }
    });
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      isInputShut = true;
      if (phase.takesRequests() || phase == HttpPhase.LINGERING) {
        ctx.close();
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (Faults.isOfThePeer(cause)) {
      log.debug("connection lost", cause);
    } else {
      FAULTS.survived("the work of an HTTP connection, which is closed,", cause);
    }
    ctx.close();
  }

  private void closed() {
    phase = HttpPhase.CLOSED;
    request.clear();
    budget.close();
  }

  // ---- deadlines

  @Override
  public void onTick(long nowMs) {
    long inPhaseMs = nowMs - phaseSinceMs;
    HttpOptions.Times options = http.options().times();
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
      case ANSWERING -> {
        if (inPhaseMs >= options.answeredWithin().toMillis()) {
          refuse(ErrorKind.STORE_UNAVAILABLE, "");
        }
      }
      case BLOCKED, CLOSING -> {
        long pauseMs = options.writtenWithin().toMillis();
        if (budget.isStalled(context.channel(), phaseSinceMs, nowMs, pauseMs)) {
          http.meters().stalled();
          context.close();
        }
      }
      case LINGERING -> {
        if (inPhaseMs >= LINGER_MS) {
          context.close();
        }
      }
      case CLOSED -> {}
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

  private void enter(HttpPhase next) {
    phase = next;
    phaseSinceMs = timer.nowMs();
  }
}

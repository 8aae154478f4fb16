package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.net.ConnectionLimiter;
import io.gochat.server.net.Faults;
import io.gochat.server.net.LoopInbox;
import io.gochat.server.net.LoopTimer;
import io.gochat.server.net.Timed;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
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
 * read ({@link HttpIntake}). A refusal that leaves the rest of a request unread ends the connection ({@link HttpEnding}).
 */
final class HttpConnection extends ChannelInboundHandlerAdapter implements Timed {
  /** In the pipeline. */
  static final String NAME = "http-connection";

  private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);
  private static final Faults FAULTS = new Faults(log);

  private final HttpRuntime http;
  private final LoopTimer timer;
  private final LoopInbox inbox;
  private final Origin origin;
  private final HttpIntake intake;
  private final RequestReader request;
  private final EarlyCheck early;
  private final ConnectionBudget budget;
  private final HttpLiveness liveness;
  private final HttpEnding ending;

  // Set once, when the handler is added; nothing else is called before.
  @SuppressWarnings("NullAway.Init")
  private ChannelHandlerContext context;

  @SuppressWarnings("NullAway.Init") // with the context
  private HttpOutput output;

  private int timerSlot = -1;

  /** On the loop of {@code timer}, to which answers come back through {@code inbox}. */
  HttpConnection(HttpRuntime http, LoopTimer timer, LoopInbox inbox, Origin origin) {
    this.http = http;
    this.timer = timer;
    this.inbox = inbox;
    this.origin = origin;
    this.intake = new HttpIntake(this::bytesArrived);
    this.budget = new ConnectionBudget(http.budgets(), origin.peer());
    this.request =
        new RequestReader(new BodyBuffer(http.options().maxBodyBytes(), this::reserveBody));
    this.early = new EarlyCheck(http.router().sessions(), budget::user, this::refuseUnfinished);
    this.liveness = new HttpLiveness(http.options().times(), timer);
    this.ending = new HttpEnding(intake, liveness);
  }

  /** The decoder that stands before this handler. */
  RequestDecoder decoder() {
    return intake.decoder();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    assert ctx.executor().inEventLoop();
    timer.register(this);
    context = ctx;
    output = new HttpOutput(http, ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    timer.deregister(this);
    closed();
    output.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed();
    ctx.fireChannelInactive();
  }

  private void bytesArrived(int count) {
    output.gather();
    if (phase() == HttpPhase.IDLE) {
      liveness.enter(HttpPhase.READING);
    }
    if (phase() == HttpPhase.READING && request.head() == null) {
      budget.headCame(count);
    } else if (phase() == HttpPhase.ANSWERING || phase() == HttpPhase.BLOCKED) {
      intake.stop(context.channel());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (phase().takesRequests()) {
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
      early.headCame();
      if (phase() == HttpPhase.IDLE) {
        liveness.enter(HttpPhase.READING);
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
      output.goOn();
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
    output.flush();
    startOnLeftover();
    if (phase() == HttpPhase.READING) {
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
    } else if (!refuseByHead()) {
      early.look(head, context.executor());
    }
  }

  /** The beginning of a request that came together with the end of the one before has its deadline too. */
  private void startOnLeftover() {
    if (phase() == HttpPhase.IDLE && intake.heldBackBytes() > 0) {
      liveness.enter(HttpPhase.READING);
      budget.headCame(intake.heldBackBytes());
    }
  }

  private void answer(RequestHead complete) {
    liveness.enter(HttpPhase.ANSWERING);
    intake.hold();
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
    if (phase() != HttpPhase.ANSWERING) {
      return; // the peer has gone
    }
    Reply reply = budget.fitting(call, made);
    http.meters().answered(answered.endpoint(), reply, System.nanoTime() - startNanos);
    boolean last = !answered.keepAlive() || http.isDraining() || isKept();
    ChannelFuture written = output.write(answered, reply, last);
    budget.sending(call, written);
    if (last) {
      ending.closeAfter(written);
    } else if (output.isTaken()) {
      liveness.enter(HttpPhase.IDLE);
      intake.release();
    } else {
      liveness.enter(HttpPhase.BLOCKED);
    }
  }

  /** Goes on after an answer that was not written within a read. */
  private void proceed() {
    if (phase() != HttpPhase.IDLE) {
      return;
    }
    decodeHeldBack();
    startOnLeftover();
    if (!phase().takesRequests()) {
      return;
    }
    if (intake.isShut()) {
      closeBehindAnswers(); // what is left can never become a request
    } else {
      intake.readOn(context.channel());
    }
  }

  private void decodeHeldBack() {
    output.gather();
    try {
      intake.decodeHeldBack(context.channel());
    } catch (Exception e) {
      exceptionCaught(context, e);
    } finally {
      output.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (phase() == HttpPhase.BLOCKED && ctx.channel().isWritable()) {
      // Not here: this is called from within a flush, after which the caller looks at the phase.
      ctx.executor().execute(this::unblock);
    }
    ctx.fireChannelWritabilityChanged();
  }

  private void unblock() {
    if (phase() == HttpPhase.BLOCKED && output.isTaken()) {
      liveness.enter(HttpPhase.IDLE);
      intake.release();
      proceed();
    }
  }

  /** Answers a request that has not come completely, and ends the connection. */
  private void refuse(ErrorKind kind, String detail) {
    refuse(HeadRules.refusal(request.head(), kind, detail));
  }

  /** Answers without regard to what is still to come, and ends the connection. */
  void refuse(Reply reply) {
    RequestHead head = request.head();
    http.meters().cutOff(head == null ? null : head.endpoint(), reply);
    ChannelFuture written = output.writeLast(head, reply);
    request.clear();
    budget.requestIsOver();
    ending.lingerAfter(written);
  }

  private void refuseUnfinished(Reply reply) {
    if (phase() == HttpPhase.READING) {
      refuse(reply);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      intake.shut();
      if (phase().takesRequests()) {
        closeBehindAnswers();
      } else if (phase() == HttpPhase.LINGERING) {
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
    liveness.enter(HttpPhase.CLOSED);
    request.clear();
    budget.close();
  }

  @Override
  public void onTick(long nowMs) {
    boolean isOver = phase() == HttpPhase.IDLE && http.isDraining();
    if (!isOver && !liveness.isLate(context.channel(), budget.isScarce(), nowMs)) {
      return;
    }
    switch (phase()) {
      case READING -> refuse(ErrorKind.REQUEST_TIMEOUT, "");
      case ANSWERING -> refuse(ErrorKind.STORE_UNAVAILABLE, "");
      case BLOCKED, CLOSING -> {
        http.meters().stalled();
        context.close();
      }
      case IDLE -> closeBehindAnswers();
      case LINGERING, CLOSED -> context.close();
    }
  }

  /** No request follows; what is answered may still wait for the socket. */
  private void closeBehindAnswers() {
    ending.closeAfter(output.end());
  }

  @Override
  public int timerSlot() {
    return timerSlot;
  }

  @Override
  public void timerSlot(int slot) {
    timerSlot = slot;
  }

  private HttpPhase phase() {
    return liveness.phase();
  }
}

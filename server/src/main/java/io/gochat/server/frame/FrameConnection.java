package io.gochat.server.frame;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameDecoder;
import io.gochat.protocol.frame.FrameException;
import io.gochat.server.messaging.DeliveryStart;
import io.gochat.server.messaging.Topic;
import io.gochat.server.net.Timed;
import io.gochat.server.registry.CloseReason;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.FanOut.Subscriber;
import io.gochat.server.registry.WireFormat;
import io.gochat.server.session.Session;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One frame connection, the only handler of its pipeline: its state, what it takes in, and how it ends. Confined to its
 * event loop, but for {@link #close(CloseReason)} and the getters of {@link Connection}, which are set before the
 * registry hears of it.
 *
 * <p>Tens of thousands of these are idle at any time: a field is there only if an idle connection needs it, and
 * everything else is null until it is used. What commands do is in the command classes, which keep no state.
 *
 * <p><b>In.</b> Frames are taken one by one, and only while this connection may give work: not while it signs in, not
 * with {@code maxUnanswered} commands waiting for the store, not while its answers are not read. Then {@code autoRead} is
 * off and what was received waits in the decoder or, if a command must wait for another, in {@code held}; whatever ends
 * the wait calls {@link #takeFrames()}.
 *
 * <p><b>Out.</b> Answers leave with one flush at the end of the read or of the loop's task. The fan-out writes to the
 * channel by itself, so what must precede its first delivery is written before {@link Subscriber#attach}.
 */
final class FrameConnection extends ChannelInboundHandlerAdapter implements Connection, Timed {
  private static final Logger log = LoggerFactory.getLogger(FrameConnection.class);

  /** The timer looks once a second, so the end comes within five seconds. */
  private static final int LINGER_MS = 4_000;

  /** Where a connection stands. */
  enum State {
    AWAITING_HELLO,
    SIGNING_IN,
    OPEN,
    /** Said goodbye: nothing is taken any more, what was accepted is answered. */
    DRAINING,
    CLOSED
  }

  /** What waits for a future of the services; called on the loop. */
  interface Awaiting<T> {
    /** Succeeded. Called while the connection drains too, never when it is closed. */
    void completed(T value);

    /** Succeeded or not, called first. */
    default void settled() {}
  }

  private final FrameLoop loop;
  private final Channel channel;
  private final FrameDecoder decoder;
  private final FrameOutput output;
  private State state = State.AWAITING_HELLO;

  private @Nullable Session session;
  private String deviceId = "";
  private @Nullable ConnectionTopics topics;
  private @Nullable PublishQueue publishes;
  private @Nullable ClientFrame held;
  private @Nullable StallWatch stall;

  private int unanswered;
  private boolean fetching;
  private boolean taking;
  private boolean inRead;
  private boolean finishing;

  /** By state: since when Hello is awaited, when something was read last, since when it drains. */
  private int sinceMs;

  /** Since when the last Hello waits for the store; once open: when the session was kept alive last. */
  private int keptAliveMs;

  private int timerSlot = -1;

  FrameConnection(FrameLoop loop, Channel channel) {
    this.loop = loop;
    this.channel = channel;
    this.decoder = new FrameDecoder(loop.options.bounds().maxFrameBytes());
    this.output = new FrameOutput(channel);
    this.sinceMs = loop.nowMs();
  }

  // ---- life ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    loop.metrics.connected();
    loop.timer.register(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    end();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      log.debug("connection of user {} failed: {}", userIdOrZero(), cause.toString());
    } else {
      log.error("a bug in the frame channel closes a connection", cause);
      loop.metrics.closing("internal");
    }
    channel.close();
  }

  private void end() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    loop.metrics.disconnected();
    loop.timer.deregister(this);
    stopDelivery();
    if (session != null) {
      loop.services.registry().unregister(this);
    }
    held = null;
    publishes = null;
    decoder.close();
    output.release();
  }

  private void stopDelivery() {
    if (topics != null) {
      topics.close();
    }
  }

  // ---- in ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf received = (ByteBuf) msg;
    inRead = true;
    if (state == State.DRAINING || state == State.CLOSED) {
      // Read and dropped: closing with unread bytes would reset the connection under our goodbye.
      received.release();
      return;
    }
    if (state == State.OPEN) {
      sinceMs = loop.nowMs();
    }
    decoder.feed(received);
    takeFrames();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    inRead = false;
    if (output.isUnflushed()) {
      output.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    takeFrames();
  }

  /** Takes what was received, as far as it may; then reads on, or not. */
  private void takeFrames() {
    if (taking) {
      return; // the loop below looks again
    }
    taking = true;
    try {
      boolean going = true;
      while (going && mayTake()) {
        going = takeFrame();
      }
    } catch (FrameException e) {
      log.debug("connection of user {}: {}", userIdOrZero(), e.getMessage());
      protocolError(e.reason().name().toLowerCase(Locale.ROOT));
    } finally {
      taking = false;
    }
    boolean read = state == State.DRAINING || (mayTake() && held == null);
    if (channel.config().isAutoRead() != read) {
      channel.config().setAutoRead(read);
    }
  }

  private boolean takeFrame() throws FrameException {
    ClientFrame frame = held;
    held = null;
    if (frame == null) {
      frame = decoder.next(ClientFrame.parser());
      if (frame == null) {
        return false;
      }
      loop.metrics.commands.increment();
    }
    if (loop.commands.take(this, frame)) {
      return true;
    }
    held = frame;
    return false;
  }

  private boolean mayTake() {
    return (state == State.OPEN || state == State.AWAITING_HELLO)
        && unanswered < loop.options.bounds().maxUnanswered()
        && channel.isWritable();
  }

  /** Waits for the services; a failure is answered with {@code Error}. The future may complete on any thread. */
  <T> void await(CompletableFuture<T> future, long requestId, Awaiting<T> awaiting) {
    if (future.isDone()) {
      settle(future, requestId, awaiting);
      return;
    }
    unanswered++;
    future.whenComplete((value, failure) -> loop.execute(() -> {
      unanswered--;
      settle(future, requestId, awaiting);
      resume();
    }));
  }

  private <T> void settle(CompletableFuture<T> future, long requestId, Awaiting<T> awaiting) {
    awaiting.settled();
    if (state != State.CLOSED) {
      loop.commands.guard(this, requestId, () -> awaiting.completed(future.join()));
    }
  }

  /** A publish was put into the queue; {@code drain} runs when its look-up is done, if it has one. */
  void queued(@Nullable CompletableFuture<?> lookUp, Runnable drain) {
    unanswered++;
    if (lookUp != null) {
      lookUp.whenComplete((found, failure) -> loop.execute(() -> {
        drain.run();
        resume();
      }));
    }
  }

  /** A publish was taken out of the queue and goes on with {@code next}. */
  void dequeued(long requestId, Runnable next) {
    unanswered--;
    loop.commands.guard(this, requestId, next);
  }

  /** Something that held this connection up is over. */
  private void resume() {
    if (state == State.DRAINING) {
      finishWhenAnswered();
    } else if (state != State.CLOSED) {
      takeFrames();
    }
  }

  // ---- out ----

  /** Sends an answer or a push; it leaves with the next flush. */
  void send(ServerFrame frame) {
    if (state != State.CLOSED) {
      flushSoon();
      output.add(frame);
    }
  }

  /** Answers success, unless the client wants no answer. */
  void answer(long requestId, ServerFrame.Builder answer) {
    if (requestId != 0) {
      send(answer.setRequestId(requestId).build());
    }
  }

  /** Where a frame of this size is written by hand; the buffer stays the connection's. Not when closed. */
  ByteBuf room(int bytes) {
    flushSoon();
    return output.room(bytes);
  }

  /** Answers that the command was not carried out. The connection goes on, but for a bad token. */
  void refuse(long requestId, ErrorKind kind, String detail, int retryAfterMs) {
    loop.metrics.refused(kind);
    send(ServerFrame.newBuilder()
        .setRequestId(requestId)
        .setError(FrameErrors.error(kind, detail, retryAfterMs))
        .build());
    if (kind == ErrorKind.TOKEN_INVALID) {
      drain(kind.word());
    } else if (state == State.SIGNING_IN) {
      signInFailed();
    }
  }

  /** Says that the connection cannot be had now, and closes. */
  void refuseConnection(long requestId, ErrorKind kind, String detail) {
    loop.metrics.refused(kind);
    send(ServerFrame.newBuilder()
        .setRequestId(requestId)
        .setError(FrameErrors.error(kind, detail, 0).toBuilder().setFatal(true))
        .build());
    drain(kind.word());
  }

  /** Before something is added: the first of several asks for the flush of all. */
  private void flushSoon() {
    if (!inRead && !output.isUnflushed()) {
      loop.flushLater(this);
    }
  }

  void flush() {
    if (state != State.CLOSED && output.isUnflushed()) {
      output.flush();
    }
  }

  // ---- goodbye ----

  @Override
  public void close(CloseReason reason) {
    // Never at once, even on the loop: the fan-out may be in the middle of its members.
    loop.execute(() -> goAway(FrameErrors.goAway(reason, drainSpreadMs())));
  }

  private long drainSpreadMs() {
    return loop.options.times().drainSpread().toMillis();
  }

  /** The client broke the protocol, in the way that {@code word} tells the counters. */
  void protocolError(String word) {
    if (state == State.DRAINING || state == State.CLOSED) {
      return;
    }
    loop.metrics.closing(word);
    goAway(FrameErrors.goAway(GoAway.Reason.PROTOCOL_ERROR, true));
  }

  private void goAway(GoAway goAway) {
    if (state == State.DRAINING || state == State.CLOSED) {
      return;
    }
    // In this order: nothing is delivered after the goodbye.
    stopDelivery();
    send(ServerFrame.newBuilder().setGoAway(goAway).build());
    drain(goAway.getReason().name().toLowerCase(Locale.ROOT));
  }

  private void drain(String word) {
    if (state == State.DRAINING || state == State.CLOSED) {
      return;
    }
    loop.metrics.closing(word);
    stopDelivery();
    state = State.DRAINING;
    sinceMs = loop.nowMs();
    held = null;
    decoder.close();
    channel.config().setAutoRead(true);
    finishWhenAnswered();
  }

  private void finishWhenAnswered() {
    if (state != State.DRAINING || unanswered > 0 || finishing) {
      return;
    }
    finishing = true;
    output.flushAll().addListener(flushed -> halfClose());
  }

  /** The peer reads our end and closes; if it does not, the timer does. */
  private void halfClose() {
    if (channel instanceof DuplexChannel duplex
        && channel.isActive()
        && channel.pipeline().get(SslHandler.class) == null) {
      duplex.shutdownOutput();
    } else {
      channel.close();
    }
  }

  // ---- time ----

  @Override
  public void onTick(long nowMs) {
    int now = (int) nowMs;
    switch (state) {
      case AWAITING_HELLO -> {
        if (loop.draining.isStarted()) {
          goAway(FrameErrors.goAway(CloseReason.DRAIN, drainSpreadMs()));
        } else if (now - sinceMs >= loop.options.times().hello().toMillis()) {
          protocolError("hello_timeout");
        }
      }
      case SIGNING_IN -> {
        if (now - keptAliveMs >= loop.options.times().hello().toMillis()) {
          // The store takes too long: the client may find another node, or a better moment.
          goAway(FrameErrors.goAway(GoAway.Reason.OVERLOAD, false));
        }
      }
      case OPEN -> tickOpen(now);
      case DRAINING -> {
        if (now - sinceMs >= LINGER_MS) {
          channel.close();
        }
      }
      case CLOSED -> {}
    }
  }

  private void tickOpen(int now) {
    if (!channel.config().isAutoRead()) {
      sinceMs = now; // who is not read cannot be blamed for silence
    } else if (now - sinceMs > loop.idleMs) {
      goAway(FrameErrors.goAway(GoAway.Reason.IDLE, false));
      return;
    }
    if (isStalled(now)) {
      goAway(FrameErrors.goAway(CloseReason.SLOW_CONSUMER, 0));
      return;
    }
    if (now - keptAliveMs >= loop.options.times().keepAlive().toMillis()) {
      keptAliveMs = now;
      loop.services.sessions().keepAlive(session());
    }
  }

  /** Whether the peer has taken nothing of what waits for it, until the deadline. */
  private boolean isStalled(int now) {
    ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
    long slowMs = loop.options.times().slowConsumer().toMillis();
    if (slowMs == 0 || queued == null || queued.totalPendingWriteBytes() == 0) {
      stall = null;
      return false;
    }
    if (stall == null) {
      stall = new StallWatch(now);
    }
    return stall.stalledMs(queued, now) >= slowMs;
  }

  @Override
  public int timerSlot() {
    return timerSlot;
  }

  @Override
  public void timerSlot(int slot) {
    timerSlot = slot;
  }

  // ---- signing in ----

  State state() {
    return state;
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  /** From here on nothing is taken until the answer to Hello is known, which has the time that Hello had. */
  void signingIn() {
    state = State.SIGNING_IN;
    keptAliveMs = loop.nowMs();
  }

  /** Before the registry hears of this connection. */
  void identify(Session identity, String device) {
    session = identity;
    deviceId = device;
  }

  /** Back to before Hello; the deadline for it goes on. */
  private void signInFailed() {
    state = State.AWAITING_HELLO;
    if (session != null) {
      loop.services.registry().unregister(this);
      session = null;
    }
  }

  void open() {
    state = State.OPEN;
    sinceMs = loop.nowMs();
    keptAliveMs = sinceMs;
    topics =
        new ConnectionTopics(this, loop.services.fanOut().open(this), loop.services.presence());
  }

  // ---- what the commands keep here ----

  /** The topics; only when signed in. */
  ConnectionTopics topics() {
    return Objects.requireNonNull(topics, "not open");
  }

  /** Delivers from there; what was sent before comes before it. */
  void attach(Topic topic, DeliveryStart start) {
    output.write();
    topics().attach(topic, start);
  }

  boolean isFetching() {
    return fetching;
  }

  void fetching(boolean now) {
    fetching = now;
  }

  /** The publishes that wait for a look-up; null when none does. */
  @Nullable
  PublishQueue publishes() {
    return publishes;
  }

  void publishes(@Nullable PublishQueue queue) {
    publishes = queue;
  }

  // ---- Connection ----

  @Override
  public Channel channel() {
    return channel;
  }

  /** The session; only after {@link #identify}. */
  Session session() {
    return Objects.requireNonNull(session, "not signed in");
  }

  @Override
  public long userId() {
    return session().userId();
  }

  private long userIdOrZero() {
    return session == null ? 0 : session.userId();
  }

  @Override
  public String username() {
    return session().username();
  }

  @Override
  public String deviceId() {
    return deviceId;
  }

  @Override
  public String sessionId() {
    return session().id();
  }

  @Override
  public WireFormat wireFormat() {
    return ProtobufWireFormat.INSTANCE;
  }

  @Override
  public String toString() {
    return "FrameConnection[user " + userIdOrZero() + ", " + state + "]";
  }
}

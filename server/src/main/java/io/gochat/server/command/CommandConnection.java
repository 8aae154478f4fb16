package io.gochat.server.command;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.bounds.Holder;
import io.gochat.server.command.AnswerFormat.Encoded;
import io.gochat.server.failure.Failure;
import io.gochat.server.messaging.DeliveryStart;
import io.gochat.server.messaging.Topic;
import io.gochat.server.net.Faults;
import io.gochat.server.net.RemoteAddress;
import io.gochat.server.registry.CloseReason;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.FanOut.Subscriber;
import io.gochat.server.registry.WireFormat;
import io.gochat.server.session.Session;
import io.netty.channel.Channel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, whatever it speaks, as its commands and the registry see it: who it is, where it stands, what it is told,
 * and how it ends. Confined to its event loop, but for {@link #close(CloseReason)} and the getters of {@link Connection},
 * which are set before the registry hears of it. What comes from the peer comes by {@link Inbound}.
 *
 * <p>Tens of thousands of these are idle at any time: a field is there only if an idle connection needs it, and
 * everything else is null until it is used. What commands do is in the command classes, which keep no state.
 *
 * <p><b>In.</b> Commands are taken from the {@link Peer} one by one ({@link Intake}), and only while this connection may
 * give work: not while it signs in, not with {@code maxUnanswered} commands waiting for the store, not while its answers
 * are not read. Then {@code autoRead} is off and what was received waits with the peer or, if a command must wait for
 * another, with the intake; whatever ends the wait calls {@link #goOn()}.
 *
 * <p><b>Out.</b> Answers leave with one flush at the end of the read or of the loop's task ({@link Output}). The fan-out
 * writes to the channel by itself, so what must precede its first delivery is written before {@link Subscriber#attach}.
 */
public final class CommandConnection implements Connection {
  private static final Logger log = LoggerFactory.getLogger(CommandConnection.class);
  private static final Faults FAULTS = new Faults(log);

  /** Of what waits for a peer so much is every connection's own. */
  private static final int FREE_OUT_BYTES = 1_024;

  /** Where a connection stands. */
  enum State {
    AWAITING_HELLO,
    SIGNING_IN,
    OPEN,
    /** Said goodbye: nothing is taken any more, what was accepted is answered. */
    DRAINING,
    CLOSED
  }

  private final CommandLoop loop;
  private final Peer peer;
  private final CommandMeters meters;
  private final Holder holder;
  private final Output output;
  private final Liveness liveness;
  private final Unanswered unanswered = new Unanswered();
  private final Runnable intakeChanged;
  private State state = State.AWAITING_HELLO;

  private @Nullable Session session;
  private String deviceId = "";
  private @Nullable ConnectionTopics topics;

  /** What the peer is told when what was accepted is answered; null before and after. */
  private @Nullable Farewell farewell;

  /** {@code intakeChanged} is told whenever more may be taken, or nothing any more. */
  CommandConnection(CommandLoop loop, Peer peer, CommandMeters meters, Runnable intakeChanged) {
    this.loop = loop;
    this.peer = peer;
    this.meters = meters;
    this.holder = loop.budgets.holder(RemoteAddress.of(peer.channel()).getAddress());
    this.output = new Output(loop, peer, new Waiting(holder, loop.budgets.out(), FREE_OUT_BYTES));
    this.intakeChanged = intakeChanged;
    this.liveness = new Liveness(loop);
  }

  // ---- begin and end ----

  void begin() {
    meters.connected();
  }

  /** Gives back what it holds, and is nobody's any more. Idempotent. */
  void end() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    meters.disconnected();
    try {
      stopDelivery();
      if (session != null) {
        loop.services.registry().unregister(this);
      }
    } finally {
      unanswered.close();
      intakeChanged.run();
      output.release();
      holder.close();
    }
  }

  /** Something went wrong with the channel, which is closed. */
  void failed(Throwable cause) {
    if (Faults.isOfThePeer(cause)) {
      log.debug("connection of user {} failed: {}", userIdOrZero(), cause.toString());
    } else {
      FAULTS.survived("the work of a connection, which is closed,", cause);
      meters.closing(cause instanceof OutOfMemoryError ? "no_memory" : "internal");
    }
    channel().close();
  }

  /** Runs work on the loop; what it throws costs this connection, and no other. Any thread. */
  void execute(Runnable work) {
    loop.execute(() -> survive(work));
  }

  /** Runs work; what it throws costs this connection, and no other. */
  void survive(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  // ---- in ----

  /** What waits of a message that has not come whole. */
  Waiting waitingIn(int freeBytes) {
    return new Waiting(holder, loop.budgets.in(), freeBytes);
  }

  Unanswered unanswered() {
    return unanswered;
  }

  /** Something that held this connection up is over. */
  void goOn() {
    if (state == State.DRAINING) {
      finishWhenAnswered();
    } else if (state != State.CLOSED) {
      intakeChanged.run();
    }
  }

  CommandMeters meters() {
    return meters;
  }

  CommandLoop loop() {
    return loop;
  }

  Liveness liveness() {
    return liveness;
  }

  Peer peer() {
    return peer;
  }

  // ---- out ----

  /** Sends an answer or a push; it leaves with the next flush. */
  void send(ServerFrame frame) {
    if (state != State.CLOSED) {
      output.add(frame);
    }
  }

  /** The same with something encoded. */
  public void send(Encoded encoded) {
    if (state != State.CLOSED) {
      output.add(encoded);
    }
  }

  /** Sends what may be large, if there is room for it. */
  boolean sendIfRoom(Encoded encoded) {
    return state == State.CLOSED || output.addIfRoom(encoded);
  }

  Output output() {
    return output;
  }

  AnswerFormat format() {
    return peer.format();
  }

  int maxMessageBytes() {
    return peer.maxMessageBytes();
  }

  /** Answers that the command was not carried out. The connection goes on, but for a bad token. */
  void refuse(long requestId, Failure failure) {
    if (failure.kind() == ErrorKind.TOKEN_INVALID) {
      refuseConnection(requestId, failure.kind(), failure.detail());
      return;
    }
    meters.refused(failure.kind(), failure.detail());
    send(Answers.error(requestId, failure));
    if (state == State.SIGNING_IN) {
      signInFailed();
    }
  }

  /** Says that the connection cannot be had, and closes. */
  void refuseConnection(long requestId, ErrorKind kind, String detail) {
    meters.refused(kind, detail);
    bid(Farewell.fatal(requestId, kind, detail));
  }

  // ---- goodbye ----

  @Override
  public void close(CloseReason reason) {
    // Never at once, even on the loop: the fan-out may be in the middle of its members.
    execute(() -> bid(farewell(reason)));
  }

  Farewell farewell(CloseReason reason) {
    return Farewell.of(reason, loop.options.times().drainSpread());
  }

  /** The client broke the protocol, in the way that {@code word} tells the counters. */
  void protocolError(String word) {
    if (!isOver()) {
      meters.closing(word);
      bid(Farewell.protocolError());
    }
  }

  /** Ends the connection once what was accepted is answered. */
  void bid(Farewell last) {
    if (isOver()) {
      return;
    }
    meters.closing(last.word());
    stopDelivery(); // first: nothing is delivered after the goodbye
    if (last.frame() != null) {
      send(last.frame());
    }
    farewell = last;
    state = State.DRAINING;
    liveness.draining();
    intakeChanged.run();
    channel().config().setAutoRead(true);
    finishWhenAnswered();
  }

  /** Whether nothing is taken any more. */
  boolean isOver() {
    return state == State.DRAINING || state == State.CLOSED;
  }

  private void finishWhenAnswered() {
    Farewell last = farewell;
    if (last != null && unanswered.size() == 0) {
      farewell = null;
      output.flush();
      peer.finish(last);
    }
  }

  private void stopDelivery() {
    if (topics != null) {
      topics.close();
    }
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
    liveness.signingIn();
  }

  /** Before the registry hears of this connection. */
  void identify(Session identity, String device) {
    session = identity;
    holder.user(identity.userId());
    deviceId = device;
  }

  /** Back to before Hello; the deadline for it goes on. */
  private void signInFailed() {
    state = State.AWAITING_HELLO;
    liveness.signInFailed();
    if (session != null) {
      loop.services.registry().unregister(this);
      session = null;
      holder.user(0);
    }
  }

  void open() {
    state = State.OPEN;
    liveness.opened();
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

  // ---- Connection ----

  @Override
  public Channel channel() {
    return peer.channel();
  }

  /** The session; only after {@link #identify}. */
  Session session() {
    return Objects.requireNonNull(session, "not signed in");
  }

  @Override
  public long userId() {
    return session().userId();
  }

  long userIdOrZero() {
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
    return peer.format();
  }

  @Override
  public String toString() {
    return "CommandConnection[user " + userIdOrZero() + ", " + state + "]";
  }
}

package io.gochat.server.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Ping;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.messaging.Topic;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One connection as its client sees it: what was sent and is not answered, and where it stands. What comes is judged by its
 * {@link Judge}. Confined to the simulation's thread.
 */
final class Link {
  private static final int HEADER_BYTES = 4;

  private enum State {
    SIGNING_IN,
    /** The answer to Hello was that it should try again. */
    REFUSED,
    OPEN,
    SENT_AWAY,
    OVER
  }

  final Device device;
  final String token;
  private final Simulation world;
  private final Wire wire;
  private final Judge judge;
  private final boolean isOfCalm;
  private final long sinceMs;
  private final Pipe received = new Pipe();
  private final Map<Long, ClientFrame> unanswered = new LinkedHashMap<>();
  private State state = State.SIGNING_IN;
  private long lastRequest;
  private long lastSentMs;

  Link(Simulation world, Device device, Wire wire) {
    this.world = world;
    this.device = device;
    this.wire = wire;
    this.token = device.token();
    this.isOfCalm = world.isCalm();
    this.sinceMs = world.node.time.ms();
    this.judge = new Judge(world, this);
  }

  // ---- what the device does with it ----

  boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isRefused() {
    return state == State.REFUSED;
  }

  boolean isOver() {
    return state == State.OVER;
  }

  void hello(Hello.Builder hello) {
    state = State.SIGNING_IN;
    judge.saysHello();
    send(ClientFrame.newBuilder().setHello(hello.setToken(token)));
  }

  void send(ClientFrame.Builder command) {
    ClientFrame frame = command.setRequestId(++lastRequest).build();
    unanswered.put(lastRequest, frame);
    byte[] payload = frame.toByteArray();
    byte[] bytes = ByteBuffer.allocate(HEADER_BYTES + payload.length)
        .putInt(0x01 << 24 | payload.length)
        .put(payload)
        .array();
    if (!wire.isReset()) {
      wire.toServer.add(bytes);
    }
    lastSentMs = world.node.time.ms();
    world.trace(() -> this + " sends " + frame.getCommandCase() + " " + frame.getRequestId());
  }

  void ping() {
    send(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()));
  }

  /** Says that it is alive, when it has said nothing for long. */
  boolean pingIfDue() {
    boolean due = world.node.time.ms() - lastSentMs > Node.HEARTBEAT.toMillis() / 2;
    if (due) {
      ping();
    }
    return due;
  }

  boolean isPublishing(String clientMessageId) {
    return unanswered.values().stream()
        .anyMatch(frame ->
            frame.hasPublish() && frame.getPublish().getClientMessageId().equals(clientMessageId));
  }

  boolean isJoining(long room) {
    return unanswered.values().stream()
        .anyMatch(frame -> frame.hasJoin() && frame.getJoin().getRoomId() == room);
  }

  boolean isIn(Topic topic) {
    return judge.isIn(topic);
  }

  boolean isCaughtUp() {
    return state == State.OPEN && unanswered.isEmpty() && judge.isComplete();
  }

  /** Nothing is read and nothing sent any more; the server is told. */
  void end() {
    wire.clientEnds();
    over();
  }

  void reset() {
    wire.reset();
    end();
  }

  /** Nothing is read and nothing sent any more; the server is not told. */
  void vanish() {
    over();
  }

  /** It breaks when so much more was written. */
  void breakAfter(int bytes) {
    wire.breakAfter(bytes);
  }

  void widen() {
    wire.window(1 << 20);
  }

  private void over() {
    state = State.OVER;
    device.over(this);
  }

  // ---- what comes ----

  void read(int most) {
    if (state == State.OVER) {
      return;
    }
    received.add(wire.toClient.take(Math.min(most, wire.toClient.size())));
    for (ServerFrame frame = next(); frame != null; frame = next()) {
      ServerFrame heard = frame;
      world.dice.note(heard.getEventCase().getNumber());
      world.trace(() -> this + " hears " + Judge.describe(heard));
      judge.heard(heard, answered(heard));
    }
    if (state != State.OVER && wire.isOver()) {
      ended();
    }
  }

  private @Nullable ServerFrame next() {
    if (received.size() < HEADER_BYTES) {
      return null;
    }
    Check.equal(received.at(0), 1, "the first byte of a frame");
    int length = received.at(1) << 16 | received.at(2) << 8 | received.at(3);
    if (received.size() < HEADER_BYTES + length) {
      return null;
    }
    received.take(HEADER_BYTES);
    try {
      return ServerFrame.parseFrom(received.take(length));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("a torn frame", e);
    }
  }

  /** The command that this answers; of a push an empty one. */
  private ClientFrame answered(ServerFrame frame) {
    if (frame.getRequestId() == 0) {
      return ClientFrame.getDefaultInstance();
    }
    ClientFrame command = unanswered.remove(frame.getRequestId());
    if (command == null) {
      throw new AssertionError(this + " has not asked for " + frame);
    }
    return command;
  }

  private void ended() {
    boolean orderly = state == State.SENT_AWAY;
    Check.that(
        orderly || wire.isReset() || !isOfCalm,
        () -> this + " was cut off while nothing was wrong");
    Check.that(
        !orderly || wire.isReset() || !isOfCalm || received.size() == 0,
        () -> this + " was sent away in the middle of a frame");
    wire.clientEnds();
    over();
  }

  // ---- what the judge found ----

  void welcomed() {
    Check.that(state == State.SIGNING_IN, () -> this + " is welcomed twice");
    state = State.OPEN;
  }

  /** Hello was not answered with success, but may be said again. */
  void notWelcomed() {
    state = State.REFUSED;
  }

  void sentAway() {
    state = State.SENT_AWAY;
  }

  boolean isSentAway() {
    return state == State.SENT_AWAY;
  }

  /** Nothing is wrong since before it began. */
  boolean isOfCalm() {
    return isOfCalm;
  }

  long ageMs() {
    return world.node.time.ms() - sinceMs;
  }

  @Override
  public String toString() {
    return device + "@" + sinceMs;
  }

  String describe() {
    return this + " " + state + ", unanswered " + unanswered.keySet() + ", " + judge
        + ", on the wire " + wire.toServer.size() + " and " + wire.toClient.size();
  }
}

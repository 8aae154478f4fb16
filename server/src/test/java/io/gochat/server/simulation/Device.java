package io.gochat.server.simulation;

import io.gochat.protocol.Ack;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.GetRoomInfo;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Leave;
import io.gochat.protocol.Position;
import io.gochat.protocol.Publish;
import io.gochat.server.account.Account;
import io.gochat.server.messaging.Topic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A device of a user, and what the application on it wants and knows: it outlives its connections, resumes where it stood,
 * and tries again what was not answered with success. Confined to the simulation's thread.
 */
final class Device {
  /** Of a session that was ended; a second, and two steps of calm. */
  private static final int CLOSED_WITHIN_MS = 1_500;

  final Account user;
  final String id;
  private final Simulation world;
  private final Dice dice;
  private final Map<Topic, Position> positions = new LinkedHashMap<>();
  private final Set<Long> wanted = new LinkedHashSet<>();
  private final Map<String, Outgoing> outbox = new LinkedHashMap<>();
  private final Set<String> endedTokens = new LinkedHashSet<>();

  /** When it was answered that the session of a token is ended. */
  private final Map<String, Long> endedAtMs = new LinkedHashMap<>();

  private String token;
  private String endingToken = "";
  private int published;
  private int connections;
  private boolean stalled;
  private @Nullable Link link;
  private @Nullable CompletableFuture<Boolean> loggingOut;

  /** Everything up to here of the inbox was acknowledged, and the acknowledgement answered. */
  private long acknowledged;

  Device(Simulation world, Account user, String id) {
    this.world = world;
    this.dice = world.dice;
    this.user = user;
    this.id = id;
    this.token = signIn();
  }

  private String signIn() {
    long nowMs = Math.max(world.node.clock.millis(), world.node.time.millis());
    return world.node.users.signIn(user, nowMs + Node.LIFETIME.toMillis());
  }

  String token() {
    return token;
  }

  // ---- what its connections tell it ----

  @Nullable
  Position position(Topic topic) {
    return positions.get(topic);
  }

  void stands(Link teller, Topic topic, Position position) {
    if (teller == link) {
      positions.put(topic, position);
    }
  }

  boolean wants(Topic topic) {
    return topic.isInbox() || wanted.contains(topic.id());
  }

  /** How often it has tried to publish this; 0: it has been accepted already. */
  int attempts(String clientMessageId) {
    Outgoing outgoing = outbox.get(clientMessageId);
    return outgoing == null ? 0 : outgoing.attempts();
  }

  void accepted(String clientMessageId) {
    outbox.remove(clientMessageId);
  }

  long acknowledged() {
    return acknowledged;
  }

  void acknowledged(long seq) {
    acknowledged = Math.max(acknowledged, seq);
  }

  /** How many connections it has made. */
  int connections() {
    return connections;
  }

  boolean isCurrent(Link asking) {
    return asking == link;
  }

  boolean wasEnded(String ofToken) {
    return endedTokens.contains(ofToken);
  }

  /** Whether connections of this token must be closed by now. */
  boolean mustBeClosed(String ofToken) {
    Long atMs = endedAtMs.get(ofToken);
    return atMs != null && world.node.time.ms() - atMs > CLOSED_WITHIN_MS;
  }

  /** The token is not taken: the user signs in again. */
  void tokenRefused(String refused) {
    if (refused.equals(token)) {
      token = signIn();
    }
  }

  void over(Link ended) {
    if (ended == link) {
      link = null;
    }
  }

  // ---- what it does ----

  /** Does one thing, at random. */
  void act() {
    Link now = link;
    if (now == null) {
      if (!dice.oneIn(3)) {
        connect();
      }
    } else if (now.isRefused()) {
      now.hello(hello());
    } else if (!now.isOpen()) {
      if (dice.oneIn(30)) {
        lose(now);
      } else if (dice.oneIn(30)) {
        logOut();
      }
    } else if (!now.pingIfDue()) {
      use(now);
    }
    world.trace(() -> this + " acts");
  }

  private void use(Link open) {
    int die = dice.below(100);
    if (die < 26) {
      publish(open, newMessage());
    } else if (die < 34) {
      retry(open);
    } else if (die < 48) {
      long room = dice.of(world.rooms);
      wanted.add(room);
      join(open, room);
    } else if (die < 54) {
      leave(open);
    } else if (die < 68) {
      acknowledge(open);
    } else if (die < 76) {
      fetch(open);
    } else if (die < 79) {
      open.send(ClientFrame.newBuilder()
          .setGetRoomInfo(GetRoomInfo.newBuilder().setRoomId(dice.of(world.rooms))));
    } else if (die < 81) {
      open.ping();
    } else if (die < 86) {
      stalled = !stalled;
    } else if (die < 92) {
      lose(open);
    } else if (die < 95) {
      positions.clear(); // as if it were installed anew
      lose(open);
    } else if (die < 96) {
      logOut();
    } else {
      for (int i = dice.between(2, 8); i > 0; i--) {
        if (dice.oneIn(3)) {
          open.ping();
        } else {
          publish(open, newMessage());
        }
      }
    }
  }

  /** Ends the connection in one of the ways in which connections end. */
  private void lose(Link old) {
    link = null;
    switch (dice.below(5)) {
      case 0 -> old.end();
      case 1 -> old.reset();
      case 2 -> old.vanish();
      case 3 -> old.breakAfter(dice.between(1, 2_000));
      default -> {} // it is still read, and its successor replaces it
    }
    if (dice.oneIn(2)) {
      connect();
    }
  }

  private void connect() {
    Wire wire = new Wire(world.isCalm() ? 1 << 20 : windows());
    connections++;
    link = world.connect(this, wire);
    link.hello(hello());
  }

  private int windows() {
    return dice.oneIn(2) ? 1 << 16 : dice.between(8, 600);
  }

  private Hello.Builder hello() {
    Hello.Builder hello = Hello.newBuilder().setToken(token).setDeviceId(id);
    positions.forEach((topic, position) -> {
      if (wants(topic)) {
        hello.addResume(position);
      }
    });
    return hello;
  }

  private Outgoing newMessage() {
    String key = id + "-" + ++published;
    String text = key + " " + "x".repeat(dice.oneIn(8) ? dice.below(3_000) : dice.below(40));
    Publish.Builder publish = Publish.newBuilder().setClientMessageId(key).setText(text);
    Topic topic;
    if (dice.oneIn(3)) {
      Account to = dice.of(world.accounts);
      topic = Topic.inbox(to.userId());
      if (dice.oneIn(2)) {
        publish.setToUserName(to.username());
      } else {
        publish.setTopic(Topics.onWire(topic));
      }
    } else {
      topic = Topic.room(dice.of(world.rooms));
      publish.setTopic(Topics.onWire(topic));
    }
    Outgoing outgoing = new Outgoing(topic, publish.build());
    outbox.put(key, outgoing);
    world.wanted.add(text);
    return outgoing;
  }

  private static void publish(Link open, Outgoing outgoing) {
    outgoing.tried();
    open.send(ClientFrame.newBuilder().setPublish(outgoing.publish));
  }

  /** Publishes again what is not under way on this connection. */
  private void retry(Link open) {
    for (Outgoing outgoing : List.copyOf(outbox.values())) {
      if (!open.isPublishing(outgoing.id())) {
        publish(open, outgoing);
        return;
      }
    }
  }

  private void join(Link open, long room) {
    Join.Builder join = Join.newBuilder().setRoomId(room);
    Position position = positions.get(Topic.room(room));
    if (position != null) {
      join.setFrom(position);
    }
    open.send(ClientFrame.newBuilder().setJoin(join));
  }

  private void leave(Link open) {
    if (!wanted.isEmpty()) {
      long room = dice.of(new ArrayList<>(wanted));
      wanted.remove(room);
      positions.remove(Topic.room(room));
      open.send(ClientFrame.newBuilder().setLeave(Leave.newBuilder().setRoomId(room)));
    }
  }

  private void acknowledge(Link open) {
    Position position = positions.get(Topic.inbox(user.userId()));
    if (position != null && position.getSeq() > 0) {
      open.send(ClientFrame.newBuilder()
          .setAck(Ack.newBuilder()
              .setTopic(position.getTopic())
              .setSeq(position.getSeq())
              .setEpoch(position.getEpoch())));
      world.acknowledging(user, position.getSeq());
    }
  }

  private void fetch(Link open) {
    Topic topic = dice.oneIn(3) ? Topic.inbox(user.userId()) : Topic.room(dice.of(world.rooms));
    long last = world.node.log.last(topic);
    open.send(ClientFrame.newBuilder()
        .setFetch(Fetch.newBuilder()
            .setTopic(Topics.onWire(topic))
            .setAfterSeq(dice.below((int) last + 1))
            .setLimit(dice.between(1, 100))));
  }

  private void logOut() {
    if (loggingOut == null) {
      logOut(token);
    }
  }

  private void logOut(String ending) {
    endedTokens.add(ending);
    endingToken = ending;
    world.node.asStore(() -> loggingOut = world.node.sessions.close(ending));
  }

  /** A logout whose outcome is unknown is tried again; then the user signs in anew. */
  private void goOnLoggingOut() {
    CompletableFuture<Boolean> asked = loggingOut;
    if (asked != null && asked.isDone()) {
      if (asked.isCompletedExceptionally()) {
        logOut(endingToken);
      } else {
        if (asked.join()) {
          endedAtMs.put(endingToken, world.node.time.ms());
        }
        loggingOut = null;
        tokenRefused(endingToken);
      }
    }
  }

  // ---- what comes by itself ----

  /** Reads what has come, unless it stalls; goes on with what it began. */
  void read(int most) {
    goOnLoggingOut();
    Link now = link;
    if (now != null && !stalled) {
      now.read(most);
    }
  }

  /** Nothing new, but everything that is still wanted; what it has is read at once. */
  void recover() {
    stalled = false;
    read(Integer.MAX_VALUE);
    Link now = link;
    if (now == null) {
      connect();
    } else if (now.isRefused()) {
      now.hello(hello());
    } else if (now.isOpen() && !now.pingIfDue()) {
      retry(now);
      for (long room : wanted) {
        if (!now.isIn(Topic.room(room)) && !now.isJoining(room)) {
          join(now, room);
        }
      }
    }
  }

  /** The connection may take what it likes from now on. */
  void widen() {
    if (link != null) {
      link.widen();
    }
  }

  /** Whether everything that it wanted has come true. */
  boolean isContent() {
    Link now = link;
    return now != null
        && loggingOut == null
        && outbox.isEmpty()
        && now.isCaughtUp()
        && world.node.users.isKnown(now.token)
        && wanted.stream().allMatch(room -> now.isIn(Topic.room(room)));
  }

  @Override
  public String toString() {
    return id;
  }

  /** For the message of a failure. */
  String describe() {
    return id
        + (stalled ? " stalled" : "")
        + (loggingOut == null ? "" : " logging out")
        + (link == null || world.node.users.isKnown(link.token) ? "" : " logged out")
        + " wants " + wanted + ", to publish " + outbox.keySet() + ", "
        + (link == null ? "not connected" : link.describe());
  }
}

package io.gochat.server.simulation;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.Gap;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Hello;
import io.gochat.protocol.History;
import io.gochat.protocol.Message;
import io.gochat.protocol.Position;
import io.gochat.protocol.Publish;
import io.gochat.protocol.Published;
import io.gochat.protocol.Resumed;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Welcome;
import io.gochat.server.messaging.Topic;
import io.gochat.server.simulation.SimulatedLog.Entry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Judges everything that one connection hears by what PROTOCOL.md promises. Confined to the simulation's thread. */
final class Judge {
  private final Simulation world;
  private final Link link;
  private final Device device;
  private final SimulatedLog log;
  private final Map<Topic, Stream> streams = new LinkedHashMap<>();

  /** By topic: the sequences of what this connection published, by the number of the command. */
  private final Map<Topic, TreeMap<Long, Long>> order = new LinkedHashMap<>();

  private long acknowledgedBefore;
  private long epochBefore;

  Judge(Simulation world, Link link) {
    this.world = world;
    this.link = link;
    this.device = link.device;
    this.log = world.node.log;
  }

  void saysHello() {
    acknowledgedBefore = device.acknowledged();
    epochBefore = log.epoch();
  }

  boolean isIn(Topic topic) {
    return streams.containsKey(topic);
  }

  boolean isComplete() {
    return streams.values().stream().allMatch(Stream::isComplete);
  }

  /** @param asked what it answers; empty for a push */
  void heard(ServerFrame frame, ClientFrame asked) {
    switch (frame.getEventCase()) {
      case WELCOME -> welcome(frame.getWelcome(), asked.getHello());
      case JOINED ->
        begin(
            frame.getJoined().getResumed(),
            asked.getJoin().hasFrom() ? asked.getJoin().getFrom() : null);
      case DONE -> done(asked);
      case PUBLISHED -> published(frame.getRequestId(), frame.getPublished(), asked.getPublish());
      case DELIVERY -> delivered(frame.getDelivery());
      case GAP -> gap(frame.getGap());
      case HISTORY -> history(frame.getHistory(), asked.getFetch());
      case ROOM_INFO -> mayBePresent(frame.getRoomInfo().getCount());
      case PRESENCE -> {
        stream(Topic.room(frame.getPresence().getRoomId()), "presence");
        mayBePresent(frame.getPresence().getCount());
      }
      case PONG -> {}
      case ERROR -> refused(frame.getError(), asked);
      case GO_AWAY -> sentAway(frame.getGoAway());
      case EVENT_NOT_SET -> throw new AssertionError("an empty frame");
    }
  }

  // ---- delivery ----

  private void welcome(Welcome welcome, Hello hello) {
    link.welcomed();
    Check.equal(welcome.getUserId(), device.user.userId(), "user of the welcome");
    Map<Topic, Position> claimed = new LinkedHashMap<>();
    hello.getResumeList().forEach(at -> claimed.put(Topics.of(at.getTopic()), at));
    Topic inbox = Topic.inbox(device.user.userId());
    for (Resumed resumed : welcome.getResumedList()) {
      begin(resumed, claimed.remove(Topics.of(resumed.getTopic())));
    }
    Check.that(claimed.isEmpty(), () -> link + " does not resume " + claimed.keySet());
    Check.that(isIn(inbox), () -> link + " is not delivered its inbox");
  }

  private void begin(Resumed resumed, @Nullable Position claimed) {
    Topic topic = Topics.of(resumed.getTopic());
    Stream stream = new Stream(topic, resumed, claimed, log);
    streams.put(topic, stream);
    if (topic.isInbox() && claimed == null && resumed.getEpoch() == epochBefore) {
      Check.that(
          stream.startsAt() > acknowledgedBefore,
          () -> link + " is handed again what it acknowledged: from " + stream.startsAt()
              + " on, acknowledged up to " + acknowledgedBefore);
      Check.that(
          !resumed.getRecovered() || stream.startsAt() <= world.acknowledged(device.user) + 1,
          () -> link + " misses what nobody acknowledged");
    }
    stands(topic, stream);
  }

  private Stream stream(Topic topic, String what) {
    Check.that(!link.isSentAway(), () -> link + " hears " + what + " after its goodbye");
    Stream stream = streams.get(topic);
    if (stream == null) {
      throw new AssertionError(link + " hears " + what + " of " + topic + ", which it left");
    }
    return stream;
  }

  private void delivered(Message message) {
    Topic topic = Topics.of(message.getTopic());
    Stream stream = stream(topic, "a delivery");
    stream.delivered(message);
    stands(topic, stream);
  }

  private void gap(Gap gap) {
    Topic topic = Topics.of(gap.getTopic());
    Stream stream = stream(topic, "a gap");
    stream.gap(gap);
    stands(topic, stream);
  }

  private void stands(Topic topic, Stream stream) {
    if (device.wants(topic) && !stream.owesGap()) {
      device.stands(link, topic, stream.position());
    }
  }

  // ---- answers ----

  private void done(ClientFrame asked) {
    if (asked.hasLeave()) {
      streams.remove(Topic.room(asked.getLeave().getRoomId()));
    } else {
      Check.that(asked.hasAck(), () -> link + " is told that something else is done: " + asked);
      device.acknowledged(asked.getAck().getSeq());
    }
  }

  private void published(long number, Published published, Publish publish) {
    String key = publish.getClientMessageId();
    Topic topic = world.topicOf(publish);
    Entry stored = log.at(topic, published.getSeq());
    Check.that(
        stored != null
            && stored.id() == published.getMessageId()
            && stored.publication().text().equals(publish.getText())
            && stored.publication().fromUserId() == device.user.userId(),
        () -> link + " was told that " + key + " is at " + topic + " " + published.getSeq()
            + ", where it is not");
    Check.that(
        !published.getDuplicate() || device.attempts(key) != 1,
        () -> link + " published " + key + " once, and it is a duplicate");
    device.accepted(key);
    if (!published.getDuplicate()) {
      inOrder(order.computeIfAbsent(topic, any -> new TreeMap<>()), number, published.getSeq());
    }
  }

  private void inOrder(NavigableMap<Long, Long> ofTopic, long number, long seq) {
    Map.Entry<Long, Long> before = ofTopic.lowerEntry(number);
    Map.Entry<Long, Long> after = ofTopic.higherEntry(number);
    Check.that(
        (before == null || before.getValue() < seq) && (after == null || after.getValue() > seq),
        () -> link + " published in another order than it is in the log");
    ofTopic.put(number, seq);
  }

  private void history(History history, Fetch fetch) {
    Topic topic = Topics.of(fetch.getTopic());
    Check.that(
        history.getMessagesCount() <= fetch.getLimit()
            && history.getFirstSeq() <= log.first(topic)
            && history.getLastSeq() <= log.last(topic),
        () -> link + " hears of a history that there is not");
    long next = Math.max(fetch.getAfterSeq() + 1, history.getFirstSeq());
    for (Message message : history.getMessagesList()) {
      Check.equal(message.getSeq(), next++, "sequence in the history of " + topic);
      Stream.mustBeStored(message, topic, log);
    }
    Check.that(
        history.getMessagesCount() > 0 || next > history.getLastSeq(),
        () -> link + " hears nothing of a history that there is");
  }

  private void mayBePresent(int count) {
    Check.that(
        count >= 0 && count <= world.accounts.size(),
        () -> link + " hears of " + count + " users in a room");
  }

  private void refused(Error error, ClientFrame asked) {
    ErrorCode code = error.getCode();
    if (asked.hasHello() && code == ErrorCode.TOKEN_INVALID) {
      Check.that(
          device.wasEnded(link.token) || world.hasClockMoved(),
          () -> link + " is not let in, and its token is right");
      device.tokenRefused(link.token);
      link.sentAway();
      return;
    }
    Check.that(
        (code == ErrorCode.STORE_UNAVAILABLE || code == ErrorCode.OVERLOADED) && !error.getFatal(),
        () -> link + " is refused " + asked + " with " + error);
    Check.that(
        !world.isCalm() || !link.isOfCalm() || asked.hasFetch(),
        () -> link + " is refused " + asked + " while nothing is wrong: " + error);
    if (asked.hasHello()) {
      link.notWelcomed();
    }
  }

  private void sentAway(GoAway goAway) {
    GoAway.Reason reason = goAway.getReason();
    boolean justified = switch (reason) {
      case DRAIN -> world.isDraining();
      case REVOKED -> device.wasEnded(link.token);
      case REPLACED -> device.connections() > 1; // their Hellos may arrive in another order
      case IDLE, OVERLOAD -> !link.isOfCalm();
      case PROTOCOL_ERROR -> !link.isOfCalm() && link.ageMs() >= Node.HELLO.toMillis();
      case EXPIRED, REASON_UNSPECIFIED, UNRECOGNIZED -> false;
    };
    Check.that(justified, () -> link + " is sent away without a reason: " + goAway);
    link.sentAway();
  }

  static String describe(ServerFrame frame) {
    String what = frame.getEventCase() + " " + frame.getRequestId();
    return switch (frame.getEventCase()) {
      case DELIVERY ->
        what + " " + Topics.of(frame.getDelivery().getTopic()) + " "
            + frame.getDelivery().getSeq();
      case GAP, ERROR, GO_AWAY, JOINED, WELCOME ->
        what + " " + frame.toString().replaceAll("\\s+", " ");
      default -> what;
    };
  }

  @Override
  public String toString() {
    return streams.values().toString();
  }
}

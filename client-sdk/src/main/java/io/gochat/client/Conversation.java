package io.gochat.client;

import io.gochat.protocol.Ack;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Publish;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Welcome;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is being said, whichever connection it is said on: publishes, requests, acknowledgements and subscriptions
 * outlive a {@link Link} and go on with the next. Confined to the client's event loop.
 */
final class Conversation {
  /** What {@code Hello} spends on other things than positions, generously. */
  private static final int HELLO_RESERVE_BYTES = 8_192;

  private static final int HELLO_MAX_BYTES = 65_536;

  private final ClientOptions options;
  private final EventLoop loop;
  private final Positions positions;
  private final Retry retry;
  private final PendingPublishes publishes;
  private final Requests requests;
  private final Acks acks;
  private final Subscriptions subscriptions;
  private @Nullable Link link;
  private @Nullable Topic inbox;
  private boolean goingAway;
  private long lastRequestId;
  private long wakeUpAtMs = Long.MAX_VALUE;
  private @Nullable ChatException closed;
  private @Nullable Runnable whenAllPublished;

  Conversation(
      ClientOptions options,
      EventLoop loop,
      Positions positions,
      Consumer<Delivery> deliveries,
      Consumer<String> broken) {
    this.options = options;
    this.loop = loop;
    this.positions = positions;
    this.retry = Retry.ofCommands(options);
    this.requests = new Requests(retry, options.metrics());
    this.acks = new Acks(retry);
    this.publishes = new PendingPublishes(options.publishesInFlightPerTopic());
    this.subscriptions = new Subscriptions(positions, deliveries, broken);
  }

  Subscriptions subscriptions() {
    return subscriptions;
  }

  /** Takes a publish; {@link #pump} sends it. */
  void publish(PendingPublish publish) {
    if (closed != null) {
      fail(publish, closed);
    } else {
      publishes.add(publish);
    }
  }

  /** Takes a request; {@link #pump} sends it. */
  void request(Request request) {
    if (closed != null) {
      request.failed(closed);
    } else if (link == null && request instanceof Request.Leave leave) {
      leave.left();
    } else {
      requests.add(request);
    }
  }

  /** The first frame of a connection. */
  ClientFrame hello(String token) {
    Hello.Builder hello = Hello.newBuilder()
        .setToken(token)
        .setDeviceId(options.deviceId())
        .setClient(options.clientName());
    hello.addAllResume(subscriptions.resume(HELLO_MAX_BYTES - HELLO_RESERVE_BYTES));
    return ClientFrame.newBuilder()
        .setRequestId(nextRequestId())
        .setHello(hello)
        .build();
  }

  /** A connection is up: everything owed goes out on it, in its order. */
  void linkUp(Link link, Welcome welcome) {
    this.link = link;
    this.goingAway = false;
    this.inbox = Topic.user(welcome.getUserId());
    subscriptions.welcomed(welcome.getUserId(), welcome.getResumedList()).forEach(this::rejoin);
    positionsMoved();
    pump();
  }

  /** The connection is gone. */
  void linkDown() {
    link = null;
    publishes.linkDown();
    requests.linkDown();
    acks.linkDown();
    subscriptions.linkDown();
    arm();
  }

  /** No new commands on this connection. */
  void linkGoingAway() {
    goingAway = true;
  }

  /** Whether nothing is unanswered that the server may still answer. */
  boolean isQuiet() {
    return !publishes.isInFlight() && !requests.isInFlight();
  }

  /** The positions that the application is done with may have moved. */
  void positionsMoved() {
    if (inbox != null) {
      positions.of(inbox).ifPresent(acks::reached);
    }
  }

  /** Sends what may be sent, fails what has expired, and sees to it that this happens again in time. */
  void pump() {
    long now = nowMs();
    publishes.expire(now).forEach(this::expired);
    requests.expire(now);
    Link to = link;
    if (to != null && !goingAway) {
      requests.pump(now, request -> send(to, request.frame()));
      for (PendingPublish tooLarge : publishes.pump(now, p -> send(to, p), to::isWritable)) {
        fail(tooLarge, new ChatException(Failure.INVALID_ARGUMENT, "larger than a frame may be"));
      }
      acks.pump(now, position -> send(to, position));
      to.flush();
    }
    Runnable done = whenAllPublished;
    if (done != null && publishes.size() == 0) {
      whenAllPublished = null;
      done.run();
      return;
    }
    arm();
  }

  /** Runs {@code done} when no publish waits for its answer any more; perhaps in the next {@link #pump}. */
  void whenAllPublished(Runnable done) {
    whenAllPublished = done;
  }

  /** Sends the last acknowledgement before the connection is closed. */
  void flushAcks() {
    Link to = link;
    positionsMoved();
    if (to != null && !goingAway) {
      acks.flush(nowMs(), position -> send(to, position));
      to.flush();
    }
  }

  /** Takes a frame from the present connection; {@link #pump} follows after the last one of a read. */
  void received(ServerFrame frame) {
    switch (frame.getEventCase()) {
      case DELIVERY -> subscriptions.delivered(frame.getDelivery());
      case GAP -> subscriptions.lost(frame.getGap());
      case PRESENCE -> subscriptions.presence(frame.getPresence());
      case PUBLISHED -> published(frame);
      case ERROR -> failed(frame.getRequestId(), ChatException.of(frame.getError()));
      default -> {
        if (!acks.answered(frame.getRequestId()) && !requests.answered(frame)) {
          ClientLog.LOG.debug("an answer that nobody waits for: {}", frame.getEventCase());
        }
      }
    }
  }

  /** Nothing will be answered any more. */
  void close(ChatException reason) {
    closed = reason;
    publishes.clear().forEach(p -> fail(p, reason));
    requests.clear(reason);
  }

  private void published(ServerFrame frame) {
    publishes.answered(frame.getRequestId()).ifPresent(p -> {
      options.metrics().published(Duration.ofMillis(nowMs() - p.madeAtMs()), p.sent());
      p.promise().succeed(Wire.published(frame.getPublished()));
    });
  }

  private void failed(long requestId, ChatException refusal) {
    long now = nowMs();
    PendingPublish publish = publishes.onTheWireAs(requestId);
    if (publish != null && Retry.passes(refusal)) {
      long delayMs = retry.delayMs(refusal.retryAfterMs(), publish.refusals());
      publishes.refused(requestId, now + delayMs);
      options.metrics().sentAgain(refusal.failure());
    } else if (publish != null) {
      publishes.answered(requestId).ifPresent(p -> fail(p, refusal));
    } else if (!acks.failed(requestId, refusal, now) && !requests.failed(requestId, refusal, now)) {
      ClientLog.LOG.debug("the server reports {}", refusal.getMessage());
    }
  }

  /** A room that {@code Hello} did not bring back: too many for one frame, or refused for now. */
  private void rejoin(Subscription room) {
    requests.add(new Request.Rejoin(room, subscriptions));
  }

  private long send(Link to, PendingPublish publish) {
    Publish.Builder body = Publish.newBuilder()
        .setText(publish.text())
        .setClientMessageId(publish.clientMessageId())
        .setToUserName(publish.to().username());
    Topic topic = publish.to().topic();
    if (topic != null) {
      body.setTopic(Wire.topic(topic));
    }
    ClientFrame frame =
        ClientFrame.newBuilder().setRequestId(nextRequestId()).setPublish(body).build();
    if (frame.getSerializedSize() > to.maxFrameBytes()) {
      return 0;
    }
    to.write(frame);
    return frame.getRequestId();
  }

  private long send(Link to, Position position) {
    Ack.Builder ack = Ack.newBuilder().setSeq(position.seq()).setEpoch(position.epoch());
    if (inbox != null) {
      ack.setTopic(Wire.topic(inbox));
    }
    return send(to, ClientFrame.newBuilder().setAck(ack));
  }

  private long send(Link to, ClientFrame.Builder frame) {
    long requestId = nextRequestId();
    to.write(frame.setRequestId(requestId).build());
    return requestId;
  }

  private void expired(PendingPublish publish) {
    String detail = publish.wasSent()
        ? "no answer in time; it may have been stored, retry with the same client_message_id"
        : "could not be sent in time";
    fail(publish, new ChatException(Failure.EXPIRED, detail));
  }

  private void fail(PendingPublish publish, ChatException failure) {
    options.metrics().publishFailed(failure.failure());
    publish.promise().fail(failure);
  }

  /** One timer, set to the earliest thing to do; a later one is found when it fires. */
  private void arm() {
    long now = nowMs();
    boolean sendable = link != null && !goingAway;
    long next = Math.min(publishes.nextWakeUpMs(), requests.nextWakeUpMs());
    next = sendable ? Math.min(next, acks.nextWakeUpMs()) : next;
    if (next < wakeUpAtMs && closed == null) {
      // Never at once: what is due already but cannot be sent now would spin.
      wakeUpAtMs = Math.max(next, now + (sendable ? 1 : 100));
      long at = wakeUpAtMs;
      options.environment().timers().after(loop, at - now, () -> wakeUp(at));
    }
  }

  private void wakeUp(long at) {
    if (wakeUpAtMs == at) {
      wakeUpAtMs = Long.MAX_VALUE;
    }
    if (closed == null) {
      pump();
    }
  }

  private long nextRequestId() {
    return ++lastRequestId;
  }

  private long nowMs() {
    return options.environment().nowMs().getAsLong();
  }
}

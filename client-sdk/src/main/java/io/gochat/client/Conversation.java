package io.gochat.client;

import io.gochat.protocol.Ack;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Publish;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Welcome;
import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is being said, whichever connection it is said on: publishes, requests, acknowledgements and subscriptions
 * outlive a {@link Link} and go on with the next. Confined to the client's event loop.
 */
final class Conversation {
  private static final Logger log = LoggerFactory.getLogger(ChatClient.class);

  /** What {@code Hello} spends on other things than positions, generously. */
  private static final int HELLO_RESERVE_BYTES = 8_192;

  private static final int HELLO_MAX_BYTES = 65_536;

  /** A passing refusal without a suggested delay is tried again after this. */
  private static final int DEFAULT_RETRY_MS = 500;

  private final ClientOptions options;
  private final EventLoop loop;
  private final Positions positions;
  private final Admission admission;
  private final Completions completions;
  private final Outbox outbox;
  private final Requests requests = new Requests();
  private final Acks acks = new Acks();
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
      Admission admission,
      Completions completions,
      Consumer<Delivery> deliveries,
      Consumer<String> broken) {
    this.options = options;
    this.loop = loop;
    this.positions = positions;
    this.admission = admission;
    this.completions = completions;
    this.outbox = new Outbox(options.publishesInFlightPerTopic());
    this.subscriptions = new Subscriptions(positions, deliveries, broken);
  }

  Subscriptions subscriptions() {
    return subscriptions;
  }

  /** Takes a publish; {@link #pump} sends it. */
  void publish(PendingPublish publish) {
    if (closed != null) {
      finish(publish, closed);
    } else {
      outbox.add(publish);
    }
  }

  /** Takes a request; {@link #pump} sends it. */
  void request(Request request) {
    if (closed != null) {
      request.failed().accept(closed);
    } else {
      requests.add(request);
      if (link == null) {
        // Completes a leave: without a connection there is no room to leave.
        requests.linkDown();
      }
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
    outbox.linkDown();
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
    return !outbox.isInFlight() && !requests.isInFlight();
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
    outbox.expire(now).forEach(this::expired);
    requests.expire(now);
    Link to = link;
    if (to != null && !goingAway) {
      requests.pump(now, request -> send(to, request.frame().get()));
      for (PendingPublish tooLarge : outbox.pump(now, p -> send(to, p), to::isWritable)) {
        finish(tooLarge, new ChatException(Failure.INVALID_ARGUMENT, "larger than a frame may be"));
      }
      acks.pump(now, position -> send(to, position));
      to.flush();
    }
    Runnable done = whenAllPublished;
    if (done != null && outbox.size() == 0) {
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
          log.debug("an answer that nobody waits for: {}", frame.getEventCase());
        }
      }
    }
  }

  /** Nothing will be answered any more. */
  void close(ChatException reason) {
    closed = reason;
    outbox.clear().forEach(p -> finish(p, reason));
    requests.clear(reason);
  }

  private void published(ServerFrame frame) {
    Optional<PendingPublish> publish = outbox.answered(frame.getRequestId());
    publish.ifPresent(p -> {
      left();
      completions.succeed(p.future(), Wire.published(frame.getPublished()));
    });
  }

  private void failed(long requestId, ChatException failure) {
    long now = nowMs();
    if (outbox.has(requestId)) {
      if (isWorthRetrying(failure)) {
        outbox.refused(requestId, now + retryDelayMs((long) failure.retryAfterMs()));
      } else {
        outbox.answered(requestId).ifPresent(p -> finish(p, failure));
      }
    } else if (!acks.failed(requestId, failure, now)
        && !requests.failed(requestId, failure, now, this::retryDelayMs)) {
      log.debug("the server reports {}", failure.getMessage());
    }
  }

  private static boolean isWorthRetrying(ChatException failure) {
    return switch (failure.failure()) {
      case OVERLOADED, STORE_UNAVAILABLE -> true;
      // A rate that says when it is over; a plain limit would not go away by itself.
      case TOO_MANY -> failure.retryAfterMs() > 0;
      default -> false;
    };
  }

  private long retryDelayMs(long suggestedMs) {
    // The server may have told the same delay to thousands.
    long delayMs = suggestedMs > 0 ? suggestedMs : DEFAULT_RETRY_MS;
    return delayMs + options.environment().random().get().nextLong(delayMs / 4 + 1);
  }

  /** A room that {@code Hello} did not bring back: too many for one frame, or refused for now. */
  private void rejoin(Subscription room) {
    requests.add(RoomJoin.again(room, subscriptions));
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
    finish(publish, new ChatException(Failure.EXPIRED, detail));
  }

  private void finish(PendingPublish publish, ChatException failure) {
    left();
    completions.fail(publish.future(), failure);
  }

  /** A request that {@link Admission} let in is done with. */
  void left() {
    CompletableFuture<Void> ready = admission.leave();
    if (ready != null) {
      completions.succeed(ready);
    }
  }

  /** One timer, set to the earliest thing to do; a later one is found when it fires. */
  private void arm() {
    long now = nowMs();
    boolean sendable = link != null && !goingAway;
    long next = Math.min(outbox.nextWakeUpMs(), requests.nextWakeUpMs());
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

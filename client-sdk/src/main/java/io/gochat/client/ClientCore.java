package io.gochat.client;

import io.gochat.protocol.Limits;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Puts a client together and is its border between threads: calls come in from any thread and are carried to the event
 * loop, results and events go out to the listener executor. Thread-safe, except where a method says that it runs on the
 * loop.
 */
final class ClientCore {
  /** A listener that does not return holds the closing no longer than this. */
  private static final long CLOSE_GRACE_MS = 2_000;

  private final ClientOptions options;
  private final SharedResources.Lease lease = SharedResources.lease();
  private final EventLoop loop;
  private final Mailbox mailbox;
  private final Listeners listeners;
  private final Positions positions;
  private final Admission admission;
  private final Completions completions;
  private final Deliveries deliveries;
  private final Conversation conversation;
  private final Connector connector;
  private final CompletableFuture<Identity> connected = new CompletableFuture<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final AtomicBoolean connecting = new AtomicBoolean();
  private final AtomicLong lastPublish = new AtomicLong();
  private final String idPrefix = idPrefix();
  private volatile ConnectionState state = ConnectionState.of(ConnectionState.Phase.NEW, "");

  private volatile boolean draining;
  private volatile @Nullable ChatException closedAs;

  /** Owned by the loop. */
  private boolean ending;

  private boolean finished;

  ClientCore(ClientOptions options) {
    this.options = options;
    Executor executor = options.listenerExecutor().orElseGet(lease::listeners);
    loop = options.eventLoops().orElseGet(lease::loops).next();
    listeners = new Listeners(options.metrics());
    positions = new Positions(options.positionStore(), options.ackMode());
    admission = new Admission(options.outboundQueue());
    completions = new Completions(executor);
    deliveries = new Deliveries(
        listeners, positions, executor, options.inboundQueue(), new DeliveryProgress());
    conversation = new Conversation(options, loop, positions, deliveries::offer, this::reconnect);
    mailbox = new Mailbox(loop, conversation::pump, this::failed);
    connector = new Connector(options, loop, lease, conversation, new LifeCycle());
  }

  Listeners listeners() {
    return listeners;
  }

  ConnectionState state() {
    return state;
  }

  CompletableFuture<Identity> connect() {
    if (connecting.compareAndSet(false, true)) {
      try {
        // Reading the store may block.
        lease.blocking().execute(this::loadAndStart);
      } catch (RejectedExecutionException e) {
        // Closed already: the future has failed, and says why.
        return connected.copy();
      }
    }
    return connected.copy();
  }

  CompletableFuture<Published> publish(
      @Nullable Recipient to, @Nullable String text, PublishOptions how) {
    String id = how.clientMessageId()
        .orElseGet(() -> idPrefix + Long.toString(lastPublish.incrementAndGet(), 36));
    String objection = PublishRules.objection(to, text, id);
    if (objection != null || to == null || text == null) {
      return invalid(String.valueOf(objection));
    }
    if (draining) {
      return CompletableFuture.failedFuture(
          ChatException.closed(CloseReason.CALLER, "the client is being drained"));
    }
    if (!admission.enter()) {
      return queueFull();
    }
    long now = nowMs();
    long deadlineMs = now + how.expiry().orElse(options.publishExpiry()).toMillis();
    Promise<Published> promise = promise();
    PendingPublish publish = new PendingPublish(to, text, id, now, deadlineMs, promise);
    return post(promise, () -> conversation.publish(publish));
  }

  CompletableFuture<Void> drain(Duration atMost) {
    draining = true;
    try {
      mailbox.execute(() -> {
        conversation.whenAllPublished(() -> end(CloseReason.CALLER, ""));
        options
            .environment()
            .timers()
            .after(loop, atMost.toMillis(), () -> end(CloseReason.CALLER, "not all was published"));
      });
    } catch (RejectedExecutionException e) {
      abandon();
    }
    return closed.copy();
  }

  CompletableFuture<JoinedRoom> join(long roomId, @Nullable Position from) {
    if (!Limits.isId(roomId)) {
      return invalid("a room is 1 … 2^53-1, not " + roomId);
    }
    if (!admission.enter()) {
      return queueFull();
    }
    Promise<JoinedRoom> promise = promise();
    long deadlineMs = requestDeadlineMs();
    return post(promise, () -> {
      Subscriptions subscriptions = conversation.subscriptions();
      Subscription room = subscriptions.join(roomId, from);
      conversation.request(new Request.Join(room, subscriptions, promise, deadlineMs));
    });
  }

  CompletableFuture<Void> leave(long roomId) {
    if (!Limits.isId(roomId)) {
      return invalid("a room is 1 … 2^53-1, not " + roomId);
    }
    if (!admission.enter()) {
      return queueFull();
    }
    Promise<Void> promise = promise();
    Request request = new Request.Leave(roomId, promise, requestDeadlineMs());
    return post(promise, () -> {
      conversation.subscriptions().leave(roomId);
      deliveries.wake();
      conversation.request(request);
    });
  }

  CompletableFuture<History> history(Topic topic, long afterSeq, int limit) {
    if (afterSeq < 0 || limit < 1 || limit > Limits.MAX_FETCH) {
      return invalid("after_seq must not be negative, and limit is 1 … 100");
    }
    if (!admission.enter()) {
      return queueFull();
    }
    Promise<History> promise = promise();
    Request request = new Request.Fetch(topic, afterSeq, limit, promise, requestDeadlineMs());
    return post(promise, () -> conversation.request(request));
  }

  CompletableFuture<RoomInfo> roomInfo(long roomId) {
    if (!Limits.isId(roomId)) {
      return invalid("a room is 1 … 2^53-1, not " + roomId);
    }
    if (!admission.enter()) {
      return queueFull();
    }
    Promise<RoomInfo> promise = promise();
    Request request = new Request.Members(roomId, promise, requestDeadlineMs());
    return post(promise, () -> conversation.request(request));
  }

  void ack(Topic topic, Position position) {
    positions.acknowledged(topic, position);
    deliveries.wake();
  }

  int unansweredRequests() {
    return admission.inside();
  }

  int waitingMessages() {
    return deliveries.waiting();
  }

  CompletableFuture<Void> ready() {
    return admission.ready();
  }

  CompletableFuture<Void> close() {
    try {
      mailbox.execute(() -> end(CloseReason.CALLER, ""));
    } catch (RejectedExecutionException e) {
      abandon();
    }
    return closed.copy();
  }

  /** Whether waiting for the closing here would wait for ourselves. */
  boolean isCalledFromInside() {
    return loop.inEventLoop() || deliveries.isCalledByListener();
  }

  /** Of a call that was let in. */
  private <T> Promise<T> promise() {
    return new Promise<>(admission, completions);
  }

  private <T> CompletableFuture<T> post(Promise<T> promise, Runnable task) {
    try {
      mailbox.execute(task);
    } catch (RejectedExecutionException e) {
      ChatException reason = closedAs;
      promise.fail(
          reason != null
              ? reason
              : ChatException.closed(CloseReason.CALLER, "the event loop is shut down"));
    }
    return promise.future();
  }

  private void loadAndStart() {
    try {
      positions.load();
      mailbox.execute(() -> {
        conversation.subscriptions().loaded();
        if (!ending) {
          connector.start();
        }
      });
    } catch (Error e) {
      onLoop(() -> failed(e));
    } catch (IOException | RuntimeException e) {
      // Connecting all the same could skip messages: the application must decide.
      onLoop(() -> end(CloseReason.REFUSED, "the position store: " + e.getMessage()));
    }
  }

  /** On the loop. */
  private void reconnect(String why) {
    connector.reconnect(why);
  }

  /** On the loop: a bug of ours, or a library that does not fit, which shows when a class of it is used first. */
  private void failed(Throwable cause) {
    ClientLog.LOG.error("the client ends on a failure of its own", cause);
    String why = cause instanceof LinkageError
        ? "a library does not fit (protobuf-java 4.36 or later of 4, and Netty 4.1.100 or later or 4.2 are needed): "
        : "";
    end(CloseReason.INTERNAL, why + cause);
  }

  /** On the loop: the first reason counts. */
  private void end(CloseReason reason, String detail) {
    boolean byCaller = reason == CloseReason.CALLER;
    if (!ending) {
      ending = true;
      state = ConnectionState.closed(reason, detail);
      connector.stop();
      ChatException failure = ChatException.closed(reason, detail);
      closedAs = failure;
      conversation.close(failure);
      completions.fail(connected, failure);
      deliveries.offer(new Delivery.OfState(state));
      // By the server: what arrived is still handed over. By the caller: it stays unacknowledged.
      deliveries.stop(byCaller, () -> onLoop(this::finish));
    }
    if (byCaller) {
      deliveries.stop(true, () -> onLoop(this::finish));
      options.environment().timers().after(loop, CLOSE_GRACE_MS, this::finish);
    }
  }

  /** On the loop: no listener is running any more, or it is not waited for any longer. */
  private void finish() {
    if (!finished) {
      finished = true;
      conversation.flushAcks();
      connector.disconnect();
      lease.release();
      completions.succeed(closed);
    }
  }

  private void onLoop(Runnable task) {
    try {
      mailbox.execute(task);
    } catch (RejectedExecutionException e) {
      abandon();
    }
  }

  /** The application shut its event loops down first: the sockets are gone with them. */
  private void abandon() {
    lease.release();
    closed.complete(null);
  }

  private long requestDeadlineMs() {
    return nowMs() + options.requestTimeout().toMillis();
  }

  private long nowMs() {
    return options.environment().nowMs().getAsLong();
  }

  private static <T> CompletableFuture<T> invalid(String objection) {
    return CompletableFuture.failedFuture(new ChatException(Failure.INVALID_ARGUMENT, objection));
  }

  private <T> CompletableFuture<T> queueFull() {
    return CompletableFuture.failedFuture(new ChatException(
        Failure.QUEUE_FULL, options.outboundQueue() + " requests wait for their answer"));
  }

  /** 128 random bits per client; a counter follows. */
  private static String idPrefix() {
    UUID random = UUID.randomUUID();
    BigInteger bits = BigInteger.valueOf(random.getMostSignificantBits())
        .shiftLeft(64)
        .xor(BigInteger.valueOf(random.getLeastSignificantBits()));
    return bits.abs().toString(36) + "-";
  }

  private final class DeliveryProgress implements Deliveries.Progress {
    @Override
    public void roomAgain() {
      onLoop(connector::resumeReading);
    }

    @Override
    public void positionsMoved() {
      onLoop(conversation::positionsMoved);
    }
  }

  /** All on the loop. */
  private final class LifeCycle implements Connector.Events {
    @Override
    public void state(ConnectionState next) {
      state = next;
      deliveries.offer(new Delivery.OfState(next));
    }

    @Override
    public void welcomed(Identity identity) {
      completions.succeed(connected, identity);
    }

    @Override
    public void ended(CloseReason reason, String detail) {
      end(reason, detail);
    }

    @Override
    public void failed(Throwable cause) {
      ClientCore.this.failed(cause);
    }

    @Override
    public boolean isFull() {
      return deliveries.isFull();
    }
  }
}

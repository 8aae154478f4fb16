package io.gochat.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A user on a device, connected to a GoChat server and staying so. Thread-safe; all methods return at once, but for
 * {@link #close()}.
 *
 * <p><b>What it keeps.</b> A lost connection is made again, with growing random delays, and everything goes on where it
 * stopped: the inbox and each joined room from the last message taken, publishes and other requests until they are
 * answered or expire. A publish always carries a {@code client_message_id}, so that however often it is sent it is
 * stored once. Listeners are handed each message once and in the order of its topic; what can no longer be had is told
 * as a {@link Gap} in its place. Only what is final ends a client: see {@link CloseReason}.
 *
 * <p><b>Threads.</b> A client has no thread of its own; thousands may share one event loop group and one executor, and
 * by default do. Listeners are called one at a time and in order on the listener executor, futures are completed there
 * too. A listener may block; while it does, at most {@link ClientOptions#inboundQueue} messages are kept, then the
 * socket is not read any more. It should not block on a future of the same client, because the answer may wait behind
 * the messages that wait for the listener: hang a stage on it instead.
 *
 * <p><b>Backpressure.</b> At most {@link ClientOptions#outboundQueue} requests wait for their answer; the next fails at
 * once as {@link Failure#QUEUE_FULL} and was not sent. {@link #ready} completes when there is room again.
 *
 * <p>Futures fail with a {@link ChatException}. Cancelling one does not recall what was asked.
 */
public final class ChatClient implements AutoCloseable {
  private static final long CLOSE_WAIT_MS = 5_000;

  private final ClientCore core;

  private ChatClient(ClientCore core) {
    this.core = core;
  }

  /** A client that does nothing before {@link #connect}. It must be closed. */
  public static ChatClient create(ClientOptions options) {
    return new ChatClient(new ClientCore(options));
  }

  /** Adds a listener; before {@link #connect}, so that it misses nothing. Returns this client. */
  public ChatClient onMessage(MessageListener listener) {
    core.listeners().onMessage(listener);
    return this;
  }

  /** Adds a listener. Returns this client. */
  public ChatClient onPresence(PresenceListener listener) {
    core.listeners().onPresence(listener);
    return this;
  }

  /** Adds a listener. Returns this client. */
  public ChatClient onGap(GapListener listener) {
    core.listeners().onGap(listener);
    return this;
  }

  /** Adds a listener. Returns this client. */
  public ChatClient onState(StateListener listener) {
    core.listeners().onState(listener);
    return this;
  }

  /**
   * Starts to connect, and to be connected from then on. The future completes with the first connection, and fails
   * when the client is closed before. The inbox is delivered from that moment. Calling it again returns the same.
   */
  public CompletableFuture<Identity> connect() {
    return core.connect();
  }

  /** What the client is doing now. */
  public ConnectionState state() {
    return core.state();
  }

  /**
   * Joins a room: from where an earlier process of the same position store stopped, or else from now on. Joined rooms
   * are joined again after each reconnect, without loss.
   */
  public CompletableFuture<JoinedRoom> join(long roomId) {
    return core.join(roomId, null);
  }

  /** Joins a room after {@code from}; a room that is joined already starts again there. */
  public CompletableFuture<JoinedRoom> join(long roomId, Position from) {
    return core.join(roomId, from);
  }

  /** Leaves a room. From the call on nothing of it is handed over, but for what a listener has already. */
  public CompletableFuture<Void> leave(long roomId) {
    return core.leave(roomId);
  }

  /**
   * Publishes to a room or into a user's inbox. The future completes when the server has stored it durably. It is tried
   * until the publish expiry, through lost connections and passing refusals.
   */
  public CompletableFuture<Published> publish(Topic to, String text) {
    return core.publish(recipient(to), text, PublishOptions.DEFAULT);
  }

  /** As {@link #publish(Topic, String)}, with an id or an expiry of its own. */
  public CompletableFuture<Published> publish(Topic to, String text, PublishOptions how) {
    return core.publish(recipient(to), text, how);
  }

  /**
   * As {@link #publish(Topic, String)}, under the caller's own id of 1 to 64 characters. A caller that keeps the id may
   * repeat a publish whose outcome it does not know, even from another process.
   */
  public CompletableFuture<Published> publish(Topic to, String text, String clientMessageId) {
    return core.publish(
        recipient(to), text, PublishOptions.DEFAULT.withClientMessageId(clientMessageId));
  }

  /**
   * Publishes into the inbox of the user with this name, in any case and Unicode form; else as {@link #publish(Topic,
   * String)}. What is published to a user by name and by id keeps its order only among its own kind.
   */
  public CompletableFuture<Published> publishTo(String username, String text) {
    return core.publish(named(username), text, PublishOptions.DEFAULT);
  }

  /** As {@link #publishTo(String, String)}, under the caller's own id of 1 to 64 characters. */
  public CompletableFuture<Published> publishTo(
      String username, String text, String clientMessageId) {
    return core.publish(
        named(username), text, PublishOptions.DEFAULT.withClientMessageId(clientMessageId));
  }

  // Callers without our null checks exist, and are told in the future.
  private static @Nullable Recipient recipient(@Nullable Topic topic) {
    return topic == null ? null : Recipient.of(topic);
  }

  private static @Nullable Recipient named(@Nullable String username) {
    return username == null ? null : Recipient.named(username);
  }

  /** How many publishes and other requests wait for their answer. */
  public int unansweredRequests() {
    return core.unansweredRequests();
  }

  /** How many messages, gaps and changes of presence wait for the listeners. */
  public int waitingMessages() {
    return core.waitingMessages();
  }

  /** Completes when the outbound queue has room; many waiters may race for it. */
  public CompletableFuture<Void> ready() {
    return core.ready();
  }

  /** Up to {@code limit} (1 … 100) messages after {@code afterSeq}, of a room or of our own inbox. */
  public CompletableFuture<History> history(Topic topic, long afterSeq, int limit) {
    return core.history(topic, afterSeq, limit);
  }

  /** Who is in a room. */
  public CompletableFuture<RoomInfo> roomInfo(long roomId) {
    return core.roomInfo(roomId);
  }

  /**
   * With {@link AckMode#MANUAL}: everything up to {@code message} in its topic is handled. It is saved in the position
   * store and, for the inbox, told to the server; soon, and after a reconnect again if need be.
   */
  public void ack(Message message) {
    core.ack(message.topic(), message.position());
  }

  /** With {@link AckMode#MANUAL}: the gap was taken note of. */
  public void ack(Gap gap) {
    core.ack(gap.topic(), gap.position());
  }

  /**
   * Takes no more publishes, waits until those that were made are answered, but no longer than {@code atMost}, then closes.
   * The future completes when that is done; what could not be published has failed as CLOSED or EXPIRED by then.
   */
  public CompletableFuture<Void> drain(Duration atMost) {
    return core.drain(atMost);
  }

  /**
   * Closes: what is unanswered fails as CLOSED, what is not handed over stays unacknowledged and comes again another
   * time, the last acknowledgement is sent. The future completes when all that is done.
   */
  public CompletableFuture<Void> closeAsync() {
    return core.close();
  }

  /** As {@link #closeAsync}, and waits for it up to 5 s, except inside a listener. */
  @Override
  public void close() {
    CompletableFuture<Void> closed = core.close();
    if (core.isCalledFromInside()) {
      return;
    }
    try {
      closed.get(CLOSE_WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // Closing goes on; a listener that never returns must not hold its caller for ever.
      return;
    }
  }
}

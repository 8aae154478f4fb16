package io.gochat.server.messaging;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.server.bounds.RateLimit;
import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.messaging.DeliveryStart.ClaimedPosition;
import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Publishing, resuming, reading and acknowledging, the same for every protocol. Thread-safe; nothing blocks. Futures
 * complete on the store's threads, or at once; they complete exceptionally with {@link StoreUnavailableException} when
 * the store cannot answer.
 */
public final class Messaging {
  private static final AckResult ACKNOWLEDGED = new AckResult.Acknowledged();

  private final MessageLog log;
  private final PositionStore positions;
  private final int maxTextBytes;
  private final RateLimit<Long> publishes;

  /** At most {@code maxTextBytes} bytes of UTF-8 in one message; as fast as anybody likes. */
  public Messaging(MessageLog log, PositionStore positions, int maxTextBytes) {
    this(log, positions, maxTextBytes, RateLimit.perSecond(0, 0, 1, () -> 0));
  }

  /** And as many by one user as {@code publishes} allows. */
  public Messaging(
      MessageLog log, PositionStore positions, int maxTextBytes, RateLimit<Long> publishes) {
    this.publishes = publishes;
    this.log = log;
    this.positions = positions;
    this.maxTextBytes = maxTextBytes;
  }

  /** So many a second may one user publish from now on, and {@code burst} at once; 0: as many as it likes. */
  public void limitPublishes(int perSecond, int burst) {
    publishes.become(perSecond, burst);
  }

  /** Publishes; the sender comes from the token and the recipient was looked up by the caller. */
  public CompletableFuture<PublishResult> publish(Publication publication) {
    String problem = problemWith(publication);
    if (problem != null) {
      return CompletableFuture.completedFuture(
          new PublishResult.Refused(ErrorKind.INVALID_ARGUMENT, problem, 0));
    }
    int waitMs = publication.exempt() ? 0 : publishes.take(publication.fromUserId());
    if (waitMs > 0) {
      return CompletableFuture.completedFuture(
          new PublishResult.Refused(ErrorKind.TOO_MANY, "publishing too fast", waitMs));
    }
    return log.publish(publication);
  }

  /** Where delivery of a room starts. */
  public CompletableFuture<DeliveryStart> startRoom(
      long roomId, @Nullable ClaimedPosition position) {
    return log.state(Topic.room(roomId), position == null ? 0 : position.seq())
        .thenApply(state -> DeliveryStart.room(state, position));
  }

  /** Where delivery of the user's own inbox starts on this device. */
  public CompletableFuture<DeliveryStart> startInbox(
      long userId, String deviceId, @Nullable ClaimedPosition position) {
    if (position == null) {
      return startAcknowledged(userId, deviceId, null);
    }
    // Who comes back with a position that is recognised needs no other: one look-up, not two.
    return log.state(Topic.inbox(userId), position.seq())
        .thenCompose(state -> DeliveryStart.isRecognised(state, position)
            ? CompletableFuture.completedFuture(
                DeliveryStart.inbox(state, position, AcknowledgedPosition.NONE))
            : startAcknowledged(userId, deviceId, position));
  }

  private CompletableFuture<DeliveryStart> startAcknowledged(
      long userId, String deviceId, @Nullable ClaimedPosition position) {
    // The log after the position: what is acknowledged in between must not lie beyond its end.
    return positions
        .acknowledged(userId, deviceId)
        .thenCompose(
            acknowledged -> log.state(Topic.inbox(userId), position == null ? 0 : position.seq())
                .thenApply(state -> DeliveryStart.inbox(state, position, acknowledged)));
  }

  /** Reads at most {@code limit} messages after {@code afterSeq}, and beyond the first at most {@code maxBytes}. */
  public CompletableFuture<LogSlice> history(Topic topic, long afterSeq, int limit, int maxBytes) {
    return log.read(topic, afterSeq + 1, Math.min(limit, Limits.MAX_FETCH), maxBytes);
  }

  /** Where a topic's log begins and ends now. */
  public CompletableFuture<TopicState> bounds(Topic topic) {
    return log.state(topic, 0);
  }

  /** Drops what is retained of a topic; its sequences go on. */
  public CompletableFuture<Void> dropHistory(Topic topic) {
    return log.dropHistory(topic);
  }

  /**
   * Acknowledges the user's inbox up to {@code seq}. Epoch 0 is not checked; one that was in force before counts as far
   * as nothing of it was lost.
   */
  public CompletableFuture<AckResult> acknowledge(
      long userId, String deviceId, long epoch, long seq) {
    Topic inbox = Topic.inbox(userId);
    return log.state(inbox, 0).thenCompose(state -> {
      if (epoch == 0 || epoch == state.epoch()) {
        return acknowledge(userId, deviceId, state, seq);
      }
      return log.keptUntil(inbox, epoch)
          .thenCompose(kept -> seq <= kept
              ? acknowledge(userId, deviceId, state, seq)
              : refused("epoch: not the one in force"));
    });
  }

  private CompletableFuture<AckResult> acknowledge(
      long userId, String deviceId, TopicState state, long seq) {
    if (seq > state.lastSeq()) {
      return refused("seq: beyond the end of the inbox, which is " + state.lastSeq());
    }
    return positions
        .acknowledge(userId, deviceId, state.epoch(), seq)
        .thenApply(done -> ACKNOWLEDGED);
  }

  private static CompletableFuture<AckResult> refused(String detail) {
    return CompletableFuture.completedFuture(
        new AckResult.Refused(ErrorKind.INVALID_ARGUMENT, detail));
  }

  private @Nullable String problemWith(Publication publication) {
    String text = publication.text();
    if (text.isEmpty()) {
      return "text: empty";
    }
    // Three bytes per char is the most that UTF-8 takes: short texts need no count.
    if (text.length() > maxTextBytes / 3
        && text.getBytes(StandardCharsets.UTF_8).length > maxTextBytes) {
      return "text: over " + maxTextBytes + " bytes of UTF-8";
    }
    String key = publication.clientMessageId();
    if (key != null
        && (key.isEmpty()
            || key.codePointCount(0, key.length()) > Limits.MAX_CLIENT_MESSAGE_ID_CHARS)) {
      return "client_message_id: 1 to " + Limits.MAX_CLIENT_MESSAGE_ID_CHARS + " characters";
    }
    return null;
  }
}

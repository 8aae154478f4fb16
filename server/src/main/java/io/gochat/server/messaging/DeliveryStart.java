package io.gochat.server.messaging;

import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import org.jspecify.annotations.Nullable;

/**
 * Where delivery of a topic starts on a connection. Immutable; computed by {@link #room} and {@link #inbox} from what
 * the client claims and what the log holds.
 *
 * @param state the topic's bounds that this was computed from
 * @param nextSeq the first sequence that will be delivered
 * @param recovered false: what lies between the position and {@code nextSeq} cannot be had, and {@code gap} says so
 * @param gap what must be told before the first delivery
 */
public record DeliveryStart(
    TopicState state,
    long nextSeq,
    boolean recovered,
    @Nullable Missed gap) {

  /**
   * What a client says it has been handed.
   *
   * @param epoch in which {@code seq} counts
   * @param seq everything up to here; 0: from the beginning of what is retained
   * @param messageId of that sequence; 0: not known
   */
  public record ClaimedPosition(long epoch, long seq, long messageId) {}

  /**
   * A range that cannot be delivered any more.
   *
   * @param fromSeq its first sequence; 0: how much is missing is not known
   * @param toSeq its last sequence
   */
  public record Missed(long fromSeq, long toSeq) {}

  /** A room: from the position, or from now on. */
  public static DeliveryStart room(TopicState state, @Nullable ClaimedPosition position) {
    if (position == null) {
      return new DeliveryStart(state, state.lastSeq() + 1, true, null);
    }
    if (isRecognised(state, position)) {
      return after(state, position.seq());
    }
    return unrecognised(state, state.lastSeq() + 1);
  }

  /** An inbox: from the position; without one after what was acknowledged, so that nothing offline is missed. */
  public static DeliveryStart inbox(
      TopicState state, @Nullable ClaimedPosition position, AcknowledgedPosition acknowledged) {
    if (position != null && isRecognised(state, position)) {
      return after(state, position.seq());
    }
    boolean acknowledgedHere =
        acknowledged.epoch() == state.epoch() && acknowledged.seq() <= state.lastSeq();
    if (position == null && (acknowledgedHere || acknowledged.epoch() == 0)) {
      return after(state, acknowledgedHere ? acknowledged.seq() : 0);
    }
    long next =
        acknowledgedHere ? Math.max(acknowledged.seq() + 1, state.firstSeq()) : state.firstSeq();
    return unrecognised(state, next);
  }

  /** Whether the log still holds, at that position, what was handed over. */
  static boolean isRecognised(TopicState state, ClaimedPosition position) {
    if (position.seq() == 0) {
      // Nothing was handed over yet, so no sequence can
      // have been used again under the client's feet.
      return position.epoch() == state.epoch() || position.epoch() == 0;
    }
    if (position.messageId() != 0 && state.probedMessageId() != 0) {
      // Ids never repeat: the same message is there, and
      // so is all that came before it, in whatever epoch.
      return position.messageId() == state.probedMessageId();
    }
    return position.epoch() == state.epoch() && position.seq() <= state.lastSeq();
  }

  private static DeliveryStart after(TopicState state, long seq) {
    long next = seq + 1;
    if (next >= state.firstSeq()) {
      return new DeliveryStart(state, next, true, null);
    }
    return new DeliveryStart(
        state, state.firstSeq(), false, new Missed(next, state.firstSeq() - 1));
  }

  private static DeliveryStart unrecognised(TopicState state, long next) {
    return new DeliveryStart(state, next, false, new Missed(0, next - 1));
  }
}

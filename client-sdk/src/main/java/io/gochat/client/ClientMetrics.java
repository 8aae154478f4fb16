package io.gochat.client;

import java.time.Duration;

/**
 * Hears what a client does, for counters and timers of the application's own. Called on event loops and listener
 * threads, by several clients at once if they share it: it must be thread-safe and return at once. What it throws is
 * logged once and changes nothing. What can be asked at any time is not told: see {@link ChatClient#state}, {@link
 * ChatClient#unansweredRequests} and {@link ChatClient#waitingMessages}.
 */
public interface ClientMetrics {
  /** A connection is up. */
  default void connected() {}

  /** A connection that was up is gone; also by the closing of the client. */
  default void disconnected() {}

  /** One address of a server could not be had; {@code detail} is for people and not a label. */
  default void attemptFailed(String detail) {}

  /** A publish was answered, so long after it was made; {@code sent} is how often it was on the wire. */
  default void published(Duration took, int sent) {}

  /** A publish failed. */
  default void publishFailed(Failure why) {}

  /** The server refused a command for something that passes, and it is going to be sent again. */
  default void sentAgain(Failure why) {}

  /** Listeners have returned from a message. */
  default void delivered(Message message) {}

  /** Listeners were told of a gap. */
  default void lost(Gap gap) {}
}

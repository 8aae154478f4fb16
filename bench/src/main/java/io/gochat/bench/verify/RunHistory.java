package io.gochat.bench.verify;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a run observed from outside, complete and at rest: the only thing that the {@link Judge} sees. Immutable.
 *
 * @param submissions every value that a publisher tried to publish, in the order of each publisher's attempts
 * @param logs what the server's log of each topic holds at the end, ascending
 * @param subscriptions what each receiver was handed of each of its topics
 * @param gapsAllowed whether a receiver may be told of a gap (asynchronous durability, or bounded retention)
 * @param loss what the store may have lost although it had acknowledged it
 * @param evidence counters that must have moved, by name: proof that the faults really happened
 */
record RunHistory(
    List<Submission> submissions,
    Map<String, List<Entry>> logs,
    List<Subscription> subscriptions,
    boolean gapsAllowed,
    Loss loss,
    Map<String, Long> evidence) {

  RunHistory {
    submissions = List.copyOf(submissions);
    logs = Map.copyOf(logs);
    subscriptions = List.copyOf(subscriptions);
    evidence = Map.copyOf(evidence);
  }

  /**
   * What a store below the server may lose. Whoever was handed something that is lost must be told.
   *
   * @param takesBack a message that a receiver was handed may be gone later
   * @param values those that may be gone although they were answered with success
   */
  record Loss(boolean takesBack, Set<String> values) {
    /** Nothing. */
    static final Loss NONE = new Loss(false, Set.of());

    Loss {
      values = Set.copyOf(values);
    }
  }

  /** What the publisher knows about one value in the end. */
  enum Outcome {
    /** The server answered success. */
    ACCEPTED,
    /** The server answered that it did not accept it. */
    REFUSED,
    /** No answer came, or one that leaves it open; it may have been published, once. */
    UNKNOWN
  }

  /**
   * One value, published by one publisher to one topic, over all its retries.
   *
   * @param value {@code publisher-counter}, unique in the run
   * @param publisher who published it; its values of one topic are published one after the other
   * @param counter rises with every value of the publisher
   * @param seq the sequence in the success answer; 0: not told
   * @param messageId the id in the success answer; 0: not told
   */
  record Submission(
      String value,
      String publisher,
      long counter,
      String topic,
      Outcome outcome,
      long seq,
      long messageId) {}

  /** One receiver's view of one topic, over all the lives of its process. */
  record Subscription(String receiver, String topic, List<Life> lives) {
    Subscription {
      lives = List.copyOf(lives);
    }
  }

  /**
   * What the application was handed between the start and the end of one client process.
   *
   * @param resumedAfter the sequence in the position store when this life began; {@link #NOT_STORED} when it had none
   */
  record Life(long resumedAfter, List<Event> events) {
    /** The life began without a stored position. */
    static final long NOT_STORED = -1;

    Life {
      events = List.copyOf(events);
    }
  }

  /** Something that a listener was called with. */
  sealed interface Event {}

  /** A message, as it was handed over or read from the log; {@code value} is the first word of its text. */
  record Entry(long seq, long messageId, String value) implements Event {}

  /**
   * The server said that these sequences cannot be delivered.
   *
   * @param fromSeq the first of them; 0: how much is not known
   * @param epochChanged sequences count afresh from here on, and what was handed over may come again
   */
  record GapTold(long fromSeq, long toSeq, boolean epochChanged) implements Event {}
}

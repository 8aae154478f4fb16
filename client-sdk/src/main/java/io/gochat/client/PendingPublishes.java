package io.gochat.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The publishes that are not answered yet. They are sent, and sent again after a lost connection or a passing refusal,
 * always under the same {@code client_message_id}, until they are answered or expire. Confined to the client's event
 * loop; time is passed in.
 *
 * <p>Order. A server sequences the publishes of one connection to one topic in the order in which they were sent, and
 * a connection that breaks has delivered a prefix of them. So after a reconnect everything unanswered is sent again
 * from the oldest on, and what the server has already is answered as a duplicate. A refusal (overload, a store that
 * failed) is the one case in which a later publish may be taken while an earlier one was not; see {@link
 * ClientOptionsBuilder#publishesInFlightPerTopic}.
 */
final class PendingPublishes {
  /** Puts a publish on the wire. */
  @FunctionalInterface
  interface Sender {
    /** Returns the request id; 0 when it cannot be sent at all, being larger than the server allows. */
    long send(PendingPublish publish);
  }

  private final int windowPerTopic;
  private final Set<PendingPublish> oldestFirst = new LinkedHashSet<>();
  private final Map<Recipient, TopicPublishes> lanes = new HashMap<>();
  private final Map<Long, PendingPublish> inFlight = new HashMap<>();
  private final Set<Recipient> ready = new LinkedHashSet<>();
  private final Set<Recipient> held = new LinkedHashSet<>();

  /** No deadline is earlier; the one that it was may be gone. */
  private long earliestDeadlineMs = Long.MAX_VALUE;

  PendingPublishes(int windowPerTopic) {
    this.windowPerTopic = windowPerTopic;
  }

  void add(PendingPublish publish) {
    earliestDeadlineMs = oldestFirst.isEmpty()
        ? publish.deadlineMs()
        : Math.min(earliestDeadlineMs, publish.deadlineMs());
    oldestFirst.add(publish);
    lanes.computeIfAbsent(publish.to(), t -> new TopicPublishes(windowPerTopic)).add(publish);
    ready.add(publish.to());
  }

  /** How many are not answered. */
  int size() {
    return oldestFirst.size();
  }

  /** Whether any is on the wire. */
  boolean isInFlight() {
    return !inFlight.isEmpty();
  }

  /** Sends what may be sent, topics in turn. Returns what is too large to send; it is removed. */
  List<PendingPublish> pump(long nowMs, Sender sender, BooleanSupplier writable) {
    releaseHeld(nowMs);
    List<PendingPublish> tooLarge = new ArrayList<>();
    while (inFlight.size() < ClientOptionsBuilder.MAX_UNANSWERED_PUBLISHES
        && !ready.isEmpty()
        && writable.getAsBoolean()) {
      Recipient topic = ready.iterator().next();
      ready.remove(topic);
      TopicPublishes lane = lanes.get(topic);
      PendingPublish next = lane == null ? null : lane.next(nowMs);
      if (lane == null || next == null) {
        continue;
      }
      long requestId = sender.send(next);
      if (requestId == 0) {
        tooLarge.add(next);
        remove(next);
      } else {
        lane.sent(next, requestId);
        inFlight.put(requestId, next);
      }
      ready.add(topic);
    }
    return tooLarge;
  }

  /** The publish that {@code requestId} answers, which is now done with; empty: none of ours, or too late. */
  Optional<PendingPublish> answered(long requestId) {
    PendingPublish publish = inFlight.get(requestId);
    if (publish != null) {
      remove(publish);
    }
    return Optional.ofNullable(publish);
  }

  /** The publish that is on the wire as {@code requestId}; null: none. */
  @Nullable
  PendingPublish onTheWireAs(long requestId) {
    return inFlight.get(requestId);
  }

  /** The server wants the publish to be tried again, not before {@code untilMs}. */
  void refused(long requestId, long untilMs) {
    PendingPublish publish = inFlight.remove(requestId);
    TopicPublishes lane = publish == null ? null : lanes.get(publish.to());
    if (publish != null && lane != null) {
      lane.refused(publish, untilMs);
      held.add(publish.to());
    }
  }

  /** The connection is gone: everything unanswered waits again, each at its place. */
  void linkDown() {
    inFlight.clear();
    held.clear();
    ready.clear();
    lanes.forEach((topic, lane) -> {
      lane.linkDown();
      ready.add(topic);
    });
  }

  /** Removes and returns what is past its deadline. */
  List<PendingPublish> expire(long nowMs) {
    if (nowMs < earliestDeadlineMs) {
      return List.of();
    }
    List<PendingPublish> expired =
        oldestFirst.stream().filter(publish -> publish.deadlineMs() <= nowMs).toList();
    expired.forEach(this::remove);
    earliestDeadlineMs = Long.MAX_VALUE;
    for (PendingPublish publish : oldestFirst) {
      earliestDeadlineMs = Math.min(earliestDeadlineMs, publish.deadlineMs());
    }
    return expired;
  }

  /** Removes and returns everything. */
  List<PendingPublish> clear() {
    List<PendingPublish> all = List.copyOf(oldestFirst);
    all.forEach(this::remove);
    return all;
  }

  /** When {@link #pump} or {@link #expire} has something to do next; {@code Long.MAX_VALUE}: never. */
  long nextWakeUpMs() {
    long next = oldestFirst.isEmpty() ? Long.MAX_VALUE : earliestDeadlineMs;
    for (Recipient topic : held) {
      TopicPublishes lane = lanes.get(topic);
      next = lane == null ? next : Math.min(next, lane.heldUntilMs());
    }
    return next;
  }

  private void releaseHeld(long nowMs) {
    held.removeIf(topic -> {
      TopicPublishes lane = lanes.get(topic);
      boolean over = lane == null || lane.heldUntilMs() <= nowMs;
      if (over) {
        ready.add(topic);
      }
      return over;
    });
  }

  private void remove(PendingPublish publish) {
    oldestFirst.remove(publish);
    TopicPublishes lane = lanes.get(publish.to());
    if (lane != null) {
      lane.remove(publish);
      if (lane.isEmpty()) {
        lanes.remove(publish.to());
      } else {
        ready.add(publish.to());
      }
    }
    if (publish.isInFlight()) {
      inFlight.remove(publish.requestId());
    }
  }
}

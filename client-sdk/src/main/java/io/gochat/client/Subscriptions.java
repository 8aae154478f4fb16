package io.gochat.client;

import io.gochat.protocol.Resumed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The inbox and the rooms that are delivered to us: what to resume when we connect, and what of the arriving is new.
 * Confined to the client's event loop.
 */
final class Subscriptions {
  private final Positions positions;
  private final Consumer<Delivery> out;
  private final Consumer<String> broken;
  private final Map<Long, Subscription> rooms = new LinkedHashMap<>();
  private @Nullable Subscription inbox;

  /**
   * Hands what is new to {@code out}; {@code broken} is called when only a resume can fill a hole, and must end the
   * connection.
   */
  Subscriptions(Positions positions, Consumer<Delivery> out, Consumer<String> broken) {
    this.positions = positions;
    this.out = out;
    this.broken = broken;
  }

  /**
   * Takes up the positions of an earlier process. The application may have joined rooms while the store was still being
   * read: nothing was sent yet, and they too go on where that process stopped.
   */
  void loaded() {
    rooms.values().stream()
        .filter(room -> room.resumeFrom() == null)
        .forEach(room -> positions.of(room.topic()).ifPresent(room::startFrom));
    positions
        .storedInbox()
        .ifPresent(topic -> inbox = new Subscription(topic, positions.of(topic).orElse(null)));
  }

  /**
   * A room to join: from {@code from}; without it from where we are, else from where an earlier process was, else from
   * now on.
   */
  Subscription join(long roomId, @Nullable Position from) {
    Subscription before = rooms.get(roomId);
    if (before != null && from == null) {
      return before;
    }
    if (before != null) {
      before.leave();
    }
    Topic topic = Topic.room(roomId);
    Subscription room =
        new Subscription(topic, from != null ? from : positions.of(topic).orElse(null));
    rooms.put(roomId, room);
    return room;
  }

  /** Nothing of the room is handed over any more. */
  void leave(long roomId) {
    Subscription room = rooms.remove(roomId);
    if (room != null) {
      room.leave();
    }
    positions.forget(Topic.room(roomId));
  }

  /** The server has joined us, and said where {@code room} starts. */
  void joined(Subscription room, Resumed start) {
    if (isCurrent(room)) {
      room.startsAt(start);
    }
  }

  /** A join that failed: as if it had not been asked for. */
  void drop(Subscription room) {
    if (isCurrent(room)) {
      rooms.remove(room.topic().id());
      room.leave();
    }
  }

  /** Whether {@code room} is still what we want. */
  boolean isCurrent(Subscription room) {
    return rooms.get(room.topic().id()) == room;
  }

  /** What to resume in {@code Hello}, as much as fits into {@code maxBytes}. */
  List<io.gochat.protocol.Position> resume(int maxBytes) {
    List<io.gochat.protocol.Position> resume = new ArrayList<>();
    int bytes = 0;
    List<Subscription> wanted = new ArrayList<>();
    if (inbox != null) {
      wanted.add(inbox);
    }
    rooms.values().stream().filter(Subscription::isAnswered).forEach(wanted::add);
    for (Subscription subscription : wanted) {
      Position from = subscription.resumeFrom();
      if (from != null) {
        var position = Wire.position(subscription.topic(), from);
        // A tag and up to three bytes of length in front of each.
        bytes += position.getSerializedSize() + 4;
        if (bytes <= maxBytes) {
          resume.add(position);
        }
      }
    }
    return resume;
  }

  /** The server said where everything starts. Returns the rooms that it has not resumed and that must be joined. */
  List<Subscription> welcomed(long userId, List<Resumed> resumed) {
    Topic own = Topic.user(userId);
    if (inbox == null || !inbox.topic().equals(own)) {
      inbox = new Subscription(own, positions.of(own).orElse(null));
    }
    Set<Subscription> started = new HashSet<>();
    for (Resumed start : resumed) {
      Subscription subscription = find(Wire.topic(start.getTopic()));
      if (subscription != null) {
        subscription.startsAt(start);
        started.add(subscription);
      }
    }
    return rooms.values().stream()
        .filter(r -> r.isAnswered() && !started.contains(r))
        .toList();
  }

  /** The connection is gone: nothing is ours before the server has said where it starts again. */
  void linkDown() {
    rooms.values().forEach(Subscription::pause);
    if (inbox != null) {
      inbox.pause();
    }
  }

  /** A message arrived. */
  void delivered(io.gochat.protocol.Message wire) {
    Subscription subscription = findLive(wire.getTopic());
    if (subscription == null) {
      return;
    }
    TopicCursor cursor = subscription.cursor();
    switch (cursor.judge(wire.getSeq(), wire.getMessageId())) {
      case DUPLICATE -> {}
      case NEXT -> handOver(subscription, wire);
      case RESTARTED -> handOverAfterGap(subscription, wire);
      case HOLE -> {
        // The log has it: resume from before the hole. If it is still there then, it is as good as
        // a gap.
        if (subscription.isHoleSeenAgain()) {
          handOverAfterGap(subscription, wire);
        } else {
          broken.accept("a hole in " + subscription.topic() + " before " + wire.getSeq());
        }
      }
    }
  }

  /** The server said that something is lost. */
  void lost(io.gochat.protocol.Gap wire) {
    Subscription subscription = findLive(wire.getTopic());
    if (subscription != null) {
      Gap gap = subscription.cursor().lost(wire.getEpoch(), wire.getFromSeq(), wire.getToSeq());
      if (gap != null) {
        out.accept(new Delivery.OfGap(subscription, gap));
      }
    }
  }

  /** Somebody came or went. */
  void presence(io.gochat.protocol.Presence wire) {
    Subscription room = rooms.get(wire.getRoomId());
    if (room != null && room.isLive()) {
      out.accept(new Delivery.OfPresence(room, Wire.presence(wire)));
    }
  }

  private void handOverAfterGap(Subscription subscription, io.gochat.protocol.Message wire) {
    TopicCursor cursor = subscription.cursor();
    out.accept(new Delivery.OfGap(subscription, cursor.skipTo(wire.getSeq())));
    cursor.judge(wire.getSeq(), wire.getMessageId());
    handOver(subscription, wire);
  }

  private void handOver(Subscription subscription, io.gochat.protocol.Message wire) {
    Message message = Wire.message(subscription.topic(), subscription.cursor().epoch(), wire);
    out.accept(new Delivery.OfMessage(subscription, message));
  }

  private @Nullable Subscription findLive(io.gochat.protocol.Topic wire) {
    Subscription subscription = find(Wire.topic(wire));
    return subscription != null && subscription.isLive() ? subscription : null;
  }

  private @Nullable Subscription find(@Nullable Topic topic) {
    if (topic instanceof Topic.Room) {
      return rooms.get(topic.id());
    }
    return inbox != null && inbox.topic().equals(topic) ? inbox : null;
  }
}

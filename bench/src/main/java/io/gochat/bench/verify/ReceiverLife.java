package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.verify.RunHistory.Event;
import io.gochat.client.ChatClient;
import io.gochat.client.ClientOptions;
import io.gochat.client.CloseReason;
import io.gochat.client.ConnectionState;
import io.gochat.client.Gap;
import io.gochat.client.JoinedRoom;
import io.gochat.client.Message;
import io.gochat.client.Position;
import io.gochat.client.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** One client process of a receiver, from its start to its death. Thread-safe. */
final class ReceiverLife {
  private final LifeStore store;
  private final List<Destination> rooms;
  private final ChatClient client;
  private final BiConsumer<Destination, Event> progress;
  private final Map<Destination, List<Event>> events = new HashMap<>();

  /**
   * Builds the client; {@link #begin} connects it.
   *
   * @param positions what the life before had saved
   * @param progress told of everything that the listener is called with
   * @param replaced run when a connection of an earlier life, late in the server's queue, took this one's place
   */
  ReceiverLife(
      String device,
      Door door,
      HttpApi.User user,
      List<Destination> rooms,
      Map<Topic, Position> positions,
      BiConsumer<Destination, Event> progress,
      Runnable replaced) {
    this.store = new LifeStore(positions);
    this.rooms = rooms;
    this.progress = progress;
    ClientOptions options = door.client()
        .token(user.token())
        .deviceId(device)
        .clientName("gochat-verify")
        .positionStore(store)
        .backoff(Duration.ofMillis(50), Duration.ofMillis(800))
        .requestTimeout(Duration.ofMinutes(5))
        .build();
    this.client = ChatClient.create(options)
        .onMessage(this::message)
        .onGap(this::gap)
        .onState(state -> {
          if (state.closeReason().filter(CloseReason.REPLACED::equals).isPresent()) {
            replaced.run();
          }
        });
  }

  /** Connects and joins; the future completes when all rooms are joined. */
  CompletableFuture<Void> begin() {
    client.connect();
    List<CompletableFuture<JoinedRoom>> joins = new ArrayList<>();
    rooms.forEach(room -> joins.add(client.join(room.id())));
    return CompletableFuture.allOf(joins.toArray(new CompletableFuture<?>[0]));
  }

  /** The process dies; returns the positions that its successor finds. */
  Map<Topic, Position> crash() {
    Map<Topic, Position> saved = store.freeze();
    client.closeAsync();
    return saved;
  }

  /** The process ends properly. */
  void end() {
    client.close();
  }

  ConnectionState state() {
    return client.state();
  }

  /** What was handed over of one topic. */
  RunHistory.Life of(Destination target) {
    Topic topic = target.isRoom() ? Topic.room(target.id()) : Topic.user(target.id());
    Position resumed = store.atStart().get(topic);
    synchronized (events) {
      List<Event> ofTopic = events.getOrDefault(target, List.of());
      return new RunHistory.Life(
          resumed == null ? RunHistory.Life.NOT_STORED : resumed.seq(), ofTopic);
    }
  }

  private void message(Message message) {
    Destination target = target(message.topic());
    add(
        target,
        new RunHistory.Entry(
            message.seq(), message.messageId(), Destination.valueOf(message.text())));
  }

  private void gap(Gap gap) {
    add(
        target(gap.topic()),
        new RunHistory.GapTold(gap.fromSeq(), gap.toSeq(), gap.epochChanged()));
  }

  private void add(Destination target, Event event) {
    synchronized (events) {
      events.computeIfAbsent(target, key -> new ArrayList<>()).add(event);
    }
    progress.accept(target, event);
  }

  private static Destination target(Topic topic) {
    return topic instanceof Topic.Room
        ? Destination.room(topic.id())
        : Destination.inbox(topic.id());
  }
}

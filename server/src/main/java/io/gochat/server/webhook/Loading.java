package io.gochat.server.webhook;

import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.Outbox.Backlog;
import io.gochat.server.messaging.Outbox.Row;
import io.gochat.server.messaging.Outbox.Table;
import io.gochat.server.messaging.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads all that the store knows of webhooks, step by step: who there was, who begins where, what waits. What belongs to
 * nobody any more is deleted. Confined to the webhooks' loop; used once.
 */
final class Loading {
  private static final int PAGE = 1_000;

  private final Engine engine;
  private final Outbox outbox;
  private final List<Endpoint> endpoints;
  private final List<Courier> couriers = new ArrayList<>();
  private final Map<String, LaneState> lanes = new HashMap<>();
  private final Outbox.Changes orphans = new Outbox.Changes();

  Loading(Engine engine, List<Endpoint> endpoints) {
    this.engine = engine;
    this.outbox = engine.outbox;
    this.endpoints = endpoints;
  }

  void run() {
    then(outbox.rows(Table.ENDPOINT, "", "", PAGE), this::compare);
  }

  private <T> void then(CompletableFuture<T> future, Consumer<T> step) {
    engine.onLoop(future, step, engine::loadLater);
  }

  /** With those who were there when this was last read. */
  private void compare(List<Row> known) {
    Map<String, Endpoint> wanted =
        endpoints.stream().collect(Collectors.toMap(Endpoint::name, endpoint -> endpoint));
    Map<String, EndpointState> states = new HashMap<>();
    List<String> removed = new ArrayList<>();
    Outbox.Changes changes = new Outbox.Changes();
    for (Row row : known) {
      Endpoint endpoint = wanted.get(row.key());
      EndpointState state = EndpointState.decode(row.value());
      if (endpoint == null) {
        removed.add(row.key());
        changes.delete(Table.ENDPOINT, row.key());
        forget(row.key(), changes);
      } else {
        states.put(row.key(), state);
        if (state.hasEnded() && !state.hasEnded(endpoint)) {
          forget(row.key(), changes); // it moved, and begins anew
        }
      }
    }
    for (Endpoint endpoint : endpoints) {
      EndpointState state = states.get(endpoint.name());
      if (state == null || !state.hasEnded(endpoint)) {
        couriers.add(new Courier(engine, endpoint, engine.meters(endpoint.name())));
        changes.put(
            Table.ENDPOINT, endpoint.name(), EndpointState.works(endpoint).encode());
      }
    }
    then(outbox.write(changes), done -> removeNext(removed));
  }

  private static void forget(String name, Outbox.Changes changes) {
    for (EventType type : EventType.values()) {
      changes.forget(type.subscription(name));
    }
  }

  /** Their dead letters; their lanes go with the others that nobody wants. */
  private void removeNext(List<String> removed) {
    if (removed.isEmpty()) {
      engine.couriers(couriers);
      begin(new ArrayList<>(couriers));
      return;
    }
    String name = removed.get(0);
    then(outbox.rows(Table.DEAD, name + "/", "", PAGE), rows -> {
      if (rows.isEmpty()) {
        removeNext(removed.subList(1, removed.size()));
        return;
      }
      Outbox.Changes changes = new Outbox.Changes();
      rows.forEach(row -> changes.delete(Table.DEAD, row.key()));
      then(outbox.write(changes), done -> removeNext(removed));
    });
  }

  private void begin(List<Courier> left) {
    if (left.isEmpty()) {
      engine.beginnings.areMade();
      readLanes("");
      return;
    }
    Courier courier = left.remove(left.size() - 1);
    List<EventType> types =
        courier.endpoint.events().stream().filter(type -> type != EventType.GAP).toList();
    CompletableFuture<?>[] begins = types.stream()
        .map(type -> outbox
            .begin(type.subscription(courier.name()))
            .thenAccept(since -> engine.execute(() -> courier.since.put(type, since))))
        .toArray(CompletableFuture<?>[]::new);
    then(CompletableFuture.allOf(begins), done -> countDead(courier, left));
  }

  private void countDead(Courier courier, List<Courier> left) {
    then(outbox.rows(Table.DEAD, courier.name() + "/", "", Burials.MOST_COUNTED), rows -> {
      engine.burials.counted(courier.name(), rows.size());
      begin(left);
    });
  }

  private void readLanes(String after) {
    then(outbox.rows(Table.LANE, "", after, PAGE), rows -> {
      rows.forEach(row -> lanes.put(row.key(), LaneState.decode(row.value())));
      if (rows.size() < PAGE) {
        readBacklogs(null);
      } else {
        readLanes(rows.get(rows.size() - 1).key());
      }
    });
  }

  private void readBacklogs(@Nullable Backlog after) {
    then(outbox.backlogs(after, PAGE), page -> {
      for (Backlog backlog : page) {
        if (!engine.topics.hasRoom()) {
          engine.topics.overfull();
          finish(Set.of());
          return;
        }
        open(backlog);
      }
      if (page.size() < PAGE) {
        finish(lanes.keySet());
      } else {
        readBacklogs(page.get(page.size() - 1));
      }
    });
  }

  private void open(Backlog backlog) {
    if (engine.topics.of(backlog.topic()) != null) {
      return; // listed twice: what came meanwhile is told besides
    }
    TopicLanes topic = engine.topics.open(backlog.topic(), lanes, 0);
    if (topic == null) {
      orphans.trim(backlog.topic(), backlog.lastPosition());
      return;
    }
    for (Lane lane : topic.lanes) {
      lane.noticed(backlog.firstPosition(), backlog.lastPosition(), backlog.bytes());
      lanes.remove(lane.key());
    }
    if (topic.settledByAll() >= backlog.firstPosition()) {
      // Somebody who was waited for is gone.
      orphans.trim(backlog.topic(), Math.min(topic.settledByAll(), backlog.lastPosition()));
    }
    engine.progress.idle(topic);
  }

  private void finish(Set<String> rowsOfNobody) {
    // A gap that is still to be told has a row, but perhaps no record behind it.
    for (String key : Set.copyOf(rowsOfNobody)) {
      LaneState state = lanes.get(key);
      if (state == null || state.gap() == null || !keepGap(key, state)) {
        orphans.delete(Table.LANE, key);
      }
    }
    if (orphans.isEmpty()) {
      engine.loaded();
    } else {
      then(outbox.write(orphans), done -> engine.loaded());
    }
  }

  private boolean keepGap(String key, LaneState state) {
    String text = key.substring(key.lastIndexOf('/') + 1);
    int colon = text.indexOf(':');
    long id = Long.parseLong(text, colon + 1, text.length(), 10);
    Topic topic = text.startsWith("inbox") ? Topic.inbox(id) : Topic.room(id);
    TopicLanes opened = engine.topics.of(topic);
    if (opened == null) {
      opened = engine.topics.open(topic, lanes, state.settled());
    }
    return opened != null && opened.lanes.stream().anyMatch(lane -> lane.key().equals(key));
  }
}

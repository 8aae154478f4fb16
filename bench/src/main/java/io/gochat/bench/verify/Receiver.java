package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.verify.RunHistory.Entry;
import io.gochat.bench.verify.RunHistory.Event;
import io.gochat.bench.verify.RunHistory.GapTold;
import io.gochat.client.ConnectionState;
import io.gochat.client.Position;
import io.gochat.client.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A device that listens to all rooms and to its user's inbox, dies, comes back, and takes down what its listener is
 * called with. Thread-safe.
 */
final class Receiver implements AutoCloseable {
  private static final long FIRST_JOIN_SECONDS = 30;

  private final String device;
  private final Door door;
  private final HttpApi.User user;
  private final List<Destination> rooms;
  private final RunRecorder recorder;
  private final List<ReceiverLife> lives = new ArrayList<>();
  private final Map<Destination, Event> latest = new ConcurrentHashMap<>();
  private boolean closed;

  Receiver(
      String device, Door door, HttpApi.User user, List<Destination> rooms, RunRecorder recorder) {
    this.device = device;
    this.door = door;
    this.user = user;
    this.rooms = List.copyOf(rooms);
    this.recorder = recorder;
  }

  /** The device id, which stays the same over all lives. */
  String device() {
    return device;
  }

  /** Begins the first life; the future completes when everything is joined. */
  CompletableFuture<Void> start() {
    // A device that was never heard of would start after what its user's other devices have
    // acknowledged.
    Map<Topic, Position> nothingYet = new HashMap<>();
    rooms.forEach(room -> nothingYet.put(Topic.room(room.id()), Position.BEGINNING));
    nothingYet.put(Topic.user(user.id()), Position.BEGINNING);
    return begin(nothingYet).orTimeout(FIRST_JOIN_SECONDS, TimeUnit.SECONDS);
  }

  /** Ends this life without a goodbye, and begins the next one from the stored positions. */
  synchronized void crashAndRestart() {
    if (!closed) {
      begin(current().crash());
    }
  }

  private synchronized CompletableFuture<Void> begin(Map<Topic, Position> positions) {
    int number = lives.size();
    ReceiverLife life = new ReceiverLife(
        device, door, user, rooms, positions, this::progressed, () -> cameBackReplaced(number));
    lives.add(life);
    return life.begin();
  }

  /**
   * A {@code Hello} of an earlier life can lie in the server's queue while the server is stopped, and then replaces us.
   * That is final for a client, and what its owner does is start it again.
   */
  private synchronized void cameBackReplaced(int number) {
    if (number == lives.size() - 1) {
      crashAndRestart();
    }
  }

  private synchronized ReceiverLife current() {
    return lives.get(lives.size() - 1);
  }

  private void progressed(Destination target, Event event) {
    if (event instanceof Entry) {
      recorder.handed();
    }
    latest.put(target, event);
  }

  /** Whether the listener was called with these, which end the logs, or was told that they are gone. */
  boolean hasAll(Map<Destination, Entry> last) {
    return topics().stream().allMatch(topic -> has(topic, last.get(topic)));
  }

  private boolean has(Destination topic, @Nullable Entry last) {
    if (last == null) {
      return true;
    }
    Event had = latest.get(topic);
    return had instanceof GapTold gap ? gap.toSeq() >= last.seq() : last.equals(had);
  }

  private List<Destination> topics() {
    List<Destination> topics = new ArrayList<>(rooms);
    topics.add(Destination.inbox(user.id()));
    return topics;
  }

  /** What was handed over, per topic; complete once the receiver is closed. */
  synchronized List<RunHistory.Subscription> subscriptions() {
    List<RunHistory.Subscription> subscriptions = new ArrayList<>();
    for (Destination topic : topics()) {
      List<RunHistory.Life> ofTopic = lives.stream().map(life -> life.of(topic)).toList();
      subscriptions.add(new RunHistory.Subscription(device, topic.toString(), ofTopic));
    }
    return subscriptions;
  }

  /** Whether it has a connection on which everything was resumed. */
  boolean isConnected() {
    return current().state().phase() == ConnectionState.Phase.CONNECTED;
  }

  @Override
  public void close() {
    ReceiverLife last;
    synchronized (this) {
      closed = true;
      last = current();
    }
    // Without the lock: closing waits for listeners, and a listener may want the lock.
    last.end();
  }
}

package io.gochat.server.redis;

import io.gochat.server.cluster.NodePresence;
import io.lettuce.core.XReadArgs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is in which room on the other nodes. {@link #join} and {@link #leave} are thread-safe; all state is confined to the
 * store's scheduler thread, which also calls the listener.
 *
 * <p>Each process has a hash of its own with everybody who is in a room through it, and appends what changes to one
 * stream, ten times a second. The others mirror the hashes ({@link PresenceMirrors}) and follow the stream. A process is alive while it beats: one
 * whose lease has run out takes everybody with it. Nobody ever writes another's hash, so that a process that was paused
 * beyond its lease cannot overwrite what came after; when it wakes up it finds its lease gone, writes its hash anew and
 * says so. What may have been missed, after a reconnect or a trimmed stream, is mirrored again from the hashes.
 */
final class RedisPresence implements NodePresence {
  private static final Logger log = LoggerFactory.getLogger(RedisPresence.class);
  private static final Script BEAT = Script.load("beat");
  private static final long TICK_MS = 100;
  private static final int TICKS_PER_BEAT = 20;
  private static final long LEASE_MS = 10_000;
  private static final int CHANGES_AT_ONCE = 500;
  private static final XReadArgs SOME = XReadArgs.Builder.count(200);
  private static final int KEPT = 10_000;
  private static final String PROCESS = "p";
  private static final String ANEW = "anew";

  private final RedisLink link;
  private final ToldStream told;
  private final ScheduledExecutorService scheduler;
  private final String process = UUID.randomUUID().toString();
  private volatile boolean started;

  // Everything below is confined to the scheduler's thread.
  private final Map<Place, Present> here = new HashMap<>();
  private final Map<Place, String> changed = new LinkedHashMap<>(); // the name, or "" for who left
  private final PresenceMirrors mirrors;
  private final StreamCursor cursor;
  private final List<Map<byte[], byte[]>> heard =
      new ArrayList<>(); // by the read that is under way
  private int generation = -1;
  private boolean writeAnew = true;
  private volatile boolean lookAgain; // set by a client thread, too
  private boolean busy;
  private int ticks;

  private static final class Present {
    final String username;
    int connections;

    Present(String username) {
      this.username = username;
    }
  }

  RedisPresence(RedisLink link, ScheduledExecutorService scheduler) {
    this.link = link;
    this.told = new ToldStream(link, link.keys().presence, KEPT);
    this.scheduler = scheduler;
    this.mirrors = new PresenceMirrors(link, scheduler);
    this.cursor = new StreamCursor(link, link.keys().presence, heard::add, () -> lookAgain = true);
  }

  @Override
  public void start(Listener listener) {
    mirrors.tell(listener);
    started = true;
    scheduler.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void join(long roomId, long userId, String username) {
    onThread(() -> {
      Place place = new Place(roomId, userId);
      Present present = here.computeIfAbsent(place, p -> new Present(username));
      if (++present.connections == 1) {
        changed.put(place, username);
      }
    });
  }

  @Override
  public void leave(long roomId, long userId) {
    onThread(() -> {
      Place place = new Place(roomId, userId);
      Present present = here.get(place);
      if (present != null && --present.connections == 0) {
        here.remove(place);
        changed.put(place, "");
      }
    });
  }

  private void onThread(Runnable change) {
    try {
      scheduler.execute(change);
    } catch (RejectedExecutionException e) {
      log.debug("Closed", e);
    }
  }

  private void tick() {
    if (busy) {
      return;
    }
    busy = true;
    int now = link.generation();
    boolean reconnected = now != generation || lookAgain;
    lookAgain = false;
    boolean beat = ticks++ % TICKS_PER_BEAT == 0 || reconnected;
    step(reconnected, beat)
        .whenCompleteAsync(
            (done, failure) -> {
              busy = false;
              if (failure == null) {
                generation = now;
              } else {
                log.debug("Presence cannot be shared now", failure);
                generation = -1; // look at everything again
              }
            },
            scheduler);
  }

  private CompletionStage<Void> step(boolean reconnected, boolean beat) {
    CompletionStage<Void> step = reconnected ? startFromEnd() : done();
    if (beat) {
      step = step.thenComposeAsync(x -> beat(), scheduler);
    }
    return step.thenComposeAsync(x -> write(), scheduler)
        .thenComposeAsync(x -> follow(), scheduler);
  }

  // The end first, then the hashes: what changes in between is seen twice, not missed.
  private CompletionStage<Void> startFromEnd() {
    writeAnew = true;
    return cursor.start().thenComposeAsync(x -> mirrors.takeAllOver(), scheduler);
  }

  private CompletionStage<Void> beat() {
    return BEAT.call(
            link.commands(),
            new byte[][] {link.keys().presentNodes},
            Keys.bytes(process),
            Keys.bytes(LEASE_MS))
        .thenComposeAsync(
            answer -> {
              if ((Long) answer.get(0) == 0) {
                // The others have forgotten us, or never
                // knew; and we may have missed what they did.
                writeAnew = true;
                lookAgain = true;
              }
              Set<String> alive = new HashSet<>();
              for (Object name : answer.subList(1, answer.size())) {
                alive.add(Keys.text((byte[]) name));
              }
              alive.remove(process);
              return mirrors.compareWith(alive);
            },
            scheduler)
        .thenCompose(x -> link.commands().pexpire(hash(process), 2 * LEASE_MS))
        .thenAccept(x -> {});
  }

  private CompletionStage<Void> write() {
    if (writeAnew) {
      return writeAnew();
    }
    if (changed.isEmpty()) {
      return done();
    }
    Map<Place, String> some = new LinkedHashMap<>();
    for (Map.Entry<Place, String> change : changed.entrySet()) {
      some.put(change.getKey(), change.getValue());
      if (some.size() == CHANGES_AT_ONCE) {
        break;
      }
    }
    some.forEach((place, name) -> changed.remove(place, name));
    return store(some)
        .thenCompose(x -> tell(some))
        .handleAsync(
            (x, failure) -> {
              if (failure != null) {
                some.forEach(changed::putIfAbsent); // unless it has changed again
                throw Failures.unavailable(failure);
              }
              return null;
            },
            scheduler);
  }

  private CompletionStage<Void> writeAnew() {
    Map<Place, String> all = new HashMap<>();
    here.forEach((place, present) -> all.put(place, present.username));
    changed.clear();
    // Never emptied first: a full Redis would take that, and refuse the rest.
    return link.commands()
        .hkeys(hash(process))
        .thenCompose(known -> store(withoutLeft(known, all)))
        .thenCompose(x -> sayAnew())
        .thenAcceptAsync(x -> writeAnew = false, scheduler);
  }

  // Those who are there, and as gone those who are there by the hash alone.
  private static Map<Place, String> withoutLeft(List<byte[]> known, Map<Place, String> present) {
    Map<Place, String> changes = new HashMap<>(present);
    for (byte[] place : known) {
      changes.putIfAbsent(Place.parse(Keys.text(place)), "");
    }
    return changes;
  }

  @SuppressWarnings("ArrayAsKeyOfSetOrMap") // the client only walks through it
  private CompletionStage<Void> store(Map<Place, String> changes) {
    Map<byte[], byte[]> came = new HashMap<>();
    List<byte[]> went = new ArrayList<>();
    changes.forEach((place, name) -> {
      if (name.isEmpty()) {
        went.add(Keys.bytes(place.toString()));
      } else {
        came.put(Keys.bytes(place.toString()), Keys.bytes(name));
      }
    });
    CompletionStage<Void> stored = done();
    if (!went.isEmpty()) {
      stored = link.commands().hdel(hash(process), went.toArray(new byte[0][])).thenAccept(x -> {});
    }
    if (!came.isEmpty()) {
      stored = stored
          .thenCompose(x -> link.commands().hset(hash(process), came))
          .thenCompose(x -> link.commands().pexpire(hash(process), 2 * LEASE_MS))
          .thenAccept(x -> {});
    }
    return stored;
  }

  private CompletionStage<Void> tell(Map<Place, String> changes) {
    List<byte[]> entry = new ArrayList<>();
    entry.add(Keys.bytes(PROCESS));
    entry.add(Keys.bytes(process));
    changes.forEach((place, name) -> {
      entry.add(Keys.bytes(place.toString()));
      entry.add(Keys.bytes(name));
    });
    return told.tell(entry.toArray(new byte[0][]));
  }

  private CompletionStage<Void> follow() {
    return cursor
        .read(link.commands(), SOME)
        .thenComposeAsync(
            read -> {
              Set<String> anew = new LinkedHashSet<>();
              heard.forEach(fields -> hear(fields, anew));
              heard.clear();
              return mirrors.takeOver(List.copyOf(anew));
            },
            scheduler);
  }

  private void hear(Map<byte[], byte[]> fields, Set<String> anew) {
    String node = "";
    for (Map.Entry<byte[], byte[]> field : fields.entrySet()) {
      String name = Keys.text(field.getKey());
      String value = Keys.text(field.getValue());
      if (name.equals(PROCESS)) {
        node = value; // the first field
      } else if (node.isEmpty() || node.equals(process)) {
        return;
      } else if (name.equals(ANEW) || !mirrors.has(node)) {
        anew.add(node);
      } else {
        mirrors.apply(node, Place.parse(name), value);
      }
    }
  }

  /** Takes everybody of this node away from the others. */
  CompletionStage<Void> goodbye() {
    if (!started) {
      return done(); // nobody was told of it
    }
    return link.commands()
        .zrem(link.keys().presentNodes, Keys.bytes(process))
        .thenCompose(x -> link.commands().del(hash(process)))
        .thenCompose(x -> sayAnew());
  }

  private CompletionStage<Void> sayAnew() {
    return told.tell(Keys.bytes(PROCESS), Keys.bytes(process), Keys.bytes(ANEW), Keys.bytes("1"));
  }

  private byte[] hash(String node) {
    return link.keys().presenceOf(node);
  }

  private static CompletionStage<Void> done() {
    return CompletableFuture.completedStage(null);
  }
}

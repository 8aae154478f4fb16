package io.gochat.server.embedded;

import io.gochat.server.clock.GuardedClock;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;

/**
 * What goes after a while: messages by age and count, dead sessions, client message ids. Thread-safe, one caller at a
 * time. It only looks and decides; what it wants changed goes through the committer, which owns all tails.
 */
final class Trimming {
  private static final Duration SESSION_GRACE = Duration.ofHours(1);
  /** Upkeep must not fill the queue that publishes wait in. */
  private static final int WRITES_AT_ONCE = 1_000;

  private final OpenStore store;
  private final Committer committer;
  private final Retention retention;
  private final GuardedClock clock;

  Trimming(OpenStore store, Committer committer, Retention retention, GuardedClock clock) {
    this.store = store;
    this.committer = committer;
    this.retention = retention;
    this.clock = clock;
  }

  /** So that the next start can tell a clock that is wrong. */
  synchronized void noteTime() {
    await(List.of(submit(commit -> {
      commit.rows().put(Family.META, Meta.TRUSTED_MS.key(), Keys.ofLong(clock.millis()));
      return true;
    })));
  }

  /** Everything that depends on age; nothing, while the clock is not to be trusted. */
  synchronized void byAge() throws Exception {
    if (!clock.isTrusted()) {
      return;
    }
    trimByAge();
    purgeSessions();
    await(List.of(submit(commit -> {
      commit.state().idempotency().dropExpired(commit.rows());
      return true;
    })));
  }

  /** The topics that were published to of late, down to their exact bound. */
  synchronized void byCount() {
    trimByCount(StreamSupport.stream(committer.tails().all().spliterator(), false)
        .filter(tail -> tail.lastSeq() - tail.firstSeq() >= retention.count())
        .map(TopicTail::topic)
        .toList());
  }

  /** All topics: the bound may have been lowered. */
  synchronized void allByCount() throws Exception {
    CountScan scan = new CountScan(retention.count());
    boolean more = true;
    while (more) {
      List<Topic> over = new ArrayList<>();
      more = store.read(database -> scan.some(database, over));
      trimByCount(over);
    }
  }

  private void trimByCount(List<Topic> topics) {
    for (int i = 0; i < topics.size(); i += WRITES_AT_ONCE) {
      await(topics.subList(i, Math.min(topics.size(), i + WRITES_AT_ONCE)).stream()
          .map(topic -> submit(commit -> {
            commit.trimByCount(commit.tail(topic));
            return true;
          }))
          .toList());
    }
  }

  private void trimByAge() throws Exception {
    AgeScan scan = new AgeScan(clock.millis() - retention.age().toMillis());
    boolean more = true;
    while (more) {
      List<AgeScan.Cut> cuts = new ArrayList<>();
      more = store.read(database -> scan.some(database, cuts));
      await(cuts.stream().map(cut -> trim(cut.topic(), cut.keepFrom())).toList());
    }
  }

  private CompletableFuture<Boolean> trim(Topic topic, long keepFrom) {
    return submit(commit -> {
      TopicTail tail = commit.tail(topic);
      commit.trim(tail, Math.min(keepFrom, tail.nextSeq()));
      return true;
    });
  }

  private void purgeSessions() throws Exception {
    long deadBeforeMs = clock.millis() - SESSION_GRACE.toMillis();
    List<byte[]> dead = store.read(database -> {
      List<byte[]> keys = new ArrayList<>();
      try (Database.Scan scan =
          database.scan(Family.SESSIONS, new byte[0], new byte[] {(byte) 0xff})) {
        for (boolean more = scan.first(); more; more = scan.next()) {
          if (SessionRows.expiresAtMs(scan.value()) < deadBeforeMs) {
            keys.add(scan.key());
          }
        }
      }
      return keys;
    });
    for (int i = 0; i < dead.size(); i += WRITES_AT_ONCE) {
      List<byte[]> some = dead.subList(i, Math.min(dead.size(), i + WRITES_AT_ONCE));
      await(some.stream().map(key -> purge(key, deadBeforeMs)).toList());
    }
  }

  private CompletableFuture<Boolean> purge(byte[] sessionKey, long deadBeforeMs) {
    return submit(commit -> {
      byte[] value = commit.rows().get(Family.SESSIONS, sessionKey);
      if (value == null || SessionRows.expiresAtMs(value) >= deadBeforeMs) {
        return false; // extended since it was looked at
      }
      commit.rows().delete(Family.SESSIONS, sessionKey);
      return true;
    });
  }

  private CompletableFuture<Boolean> submit(RowWrite.Change<Boolean> change) {
    RowWrite<Boolean> write = new RowWrite<>(change);
    committer.submit(write);
    return write.result().exceptionally(failure -> false); // the next round tries again
  }

  private static void await(List<CompletableFuture<Boolean>> writes) {
    CompletableFuture.allOf(writes.toArray(new CompletableFuture<?>[0])).join();
  }
}

package io.gochat.server.registry;

import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Topic;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Which loops have members of a topic; what anybody wants is watched in the log. Thread-safe. */
final class Interests {
  /** A loop is a bit. */
  static final int MAX_LOOPS = Long.SIZE;

  private final MessageLog log;
  private final ConcurrentHashMap<Topic, Interest> interests = new ConcurrentHashMap<>();

  Interests(MessageLog log) {
    this.log = log;
  }

  /** The loops that want the topic, one bit each by their number. */
  long loops(Topic topic) {
    Interest interest = interests.get(topic);
    return interest == null ? 0 : interest.loops;
  }

  /** So many topics are wanted. */
  int size() {
    return interests.size();
  }

  /** This loop has members of the topic now; completes when every later commit will be handed over. */
  CompletableFuture<Void> add(Topic topic, int loop) {
    long bit = 1L << loop;
    // Watching and unwatching happen inside the map's own atomic step, so that their order is that
    // of the interest. Both only queue something.
    Interest interest = interests.compute(topic, (key, known) -> {
      if (known == null || known.watched.isCompletedExceptionally()) {
        return new Interest((known == null ? 0 : known.loops) | bit, log.watch(topic));
      }
      return new Interest(known.loops | bit, known.watched);
    });
    return interest == null ? CompletableFuture.completedFuture(null) : interest.watched;
  }

  /** This loop has no members of the topic any more. */
  void remove(Topic topic, int loop) {
    long bit = 1L << loop;
    interests.computeIfPresent(topic, (key, known) -> {
      long rest = known.loops & ~bit;
      if (rest == 0) {
        log.unwatch(topic);
        return null;
      }
      return new Interest(rest, known.watched);
    });
  }

  private record Interest(long loops, CompletableFuture<Void> watched) {}
}

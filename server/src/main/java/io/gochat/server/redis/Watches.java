package io.gochat.server.redis;

import io.gochat.server.messaging.Announcements;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.metrics.StoreMeters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics that somebody here wants, and what becomes of notifications about them. Thread-safe; one thread of its own
 * calls the listener.
 *
 * <p>Notifications are the only way by which batches reach the listener, those of this node included: Redis sends them in
 * the order of the log. They may get lost (a connection breaks, a buffer overflows there or here). So each topic has an
 * end that it is <em>expected</em> to reach: what a publish of this node was answered, and what a look at the log once a
 * second finds. An end that the notifications have not reached a moment later is told as
 * {@link CommitListener#advanced}, and the listener reads the log.
 */
final class Watches implements RedisLink.Listener {
  private static final Logger log = LoggerFactory.getLogger(Watches.class);
  private static final int QUEUE = 16_384;
  private static final int CHECKED_AT_ONCE = 2_000;
  private static final long PATIENCE_NANOS = 150_000_000;

  private final ConcurrentHashMap<Topic, Watch> watches = new ConcurrentHashMap<>();
  private final ArrayBlockingQueue<Event> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Thread notifier = new Thread(this::work, "gochat-redis-notify");
  private final Counter lost;
  private final Counter holes;
  private final Counter healed;
  private final Timer handedOver;
  private volatile @Nullable Parts parts;
  private final Announcements announcements = new Announcements();
  // In which the ends that were told count; behind the
  // epoch in force until the listener has heard of that.
  private volatile long countedEpoch;
  private volatile boolean closed;
  private Iterator<Topic> nextToCheck = List.<Topic>of().iterator(); // confined to the tick

  /** What is known once the connections are there; they need this listener first. */
  private record Parts(RedisLink link, Continuity continuity) {}

  private sealed interface Event {}

  private record Told(Notification notification) implements Event {}

  private record Advanced(Topic topic, long lastSeq) implements Event {}

  private record NewEpoch(long epoch) implements Event {}

  /** A watch that was made just now, and the answer that it waits for. */
  private record Fresh(Watch watch, CompletionStage<Void> subscribing) {}

  Watches(MeterRegistry meters) {
    this.lost = counter(
        meters,
        "lost",
        "Notifications that found the queue full; their messages were read from Redis");
    this.holes = counter(
        meters,
        "holes",
        "Notifications before which one was missing; its messages were read from Redis");
    this.healed = counter(
        meters, "healed", "Ends of topics that no notification told, and a look at Redis found");
    this.handedOver = StoreMeters.handedOver(meters);
    Gauge.builder("gochat.redis.topics.watched", watches, Map::size)
        .description("Topics that somebody on this node listens to")
        .register(meters);
    notifier.setDaemon(true);
  }

  private static Counter counter(MeterRegistry meters, String what, String help) {
    return Counter.builder("gochat.redis.notifications." + what)
        .description(help)
        .register(meters);
  }

  void start(RedisLink link, Continuity continuity) {
    parts = new Parts(link, continuity);
    notifier.start();
  }

  void listener(CommitListener listener) {
    announcements.listener(listener);
  }

  /** Completes when every later commit is notified. */
  CompletableFuture<Void> watch(Topic topic) {
    Parts parts = parts();
    if (countedEpoch == 0) {
      countedEpoch = parts.continuity.epoch();
    }
    Fresh[] fresh = new Fresh[1];
    // Subscribing is only queued here; inside the map's
    // step, so that its order is that of the watches.
    Watch watch = watches.compute(topic, (key, known) -> {
      if (known != null) {
        return known;
      }
      fresh[0] = new Fresh(new Watch(), parts.link.subscribe(parts.link.keys().channel(topic)));
      return fresh[0].watch;
    });
    if (fresh[0] != null) {
      settle(topic, fresh[0]);
    }
    return watch.subscribed;
  }

  // Outside the map's step: without a connection the answer
  // is there at once, and what failed has to leave the map.
  private void settle(Topic topic, Fresh fresh) {
    fresh.subscribing.whenComplete((done, failure) -> {
      if (failure == null) {
        fresh.watch.subscribed.complete(null);
      } else {
        watches.remove(topic, fresh.watch);
        fresh.watch.subscribed.completeExceptionally(Failures.unavailable(failure));
      }
    });
  }

  void unwatch(Topic topic) {
    watches.computeIfPresent(topic, (key, known) -> {
      parts().link.unsubscribe(keys().channel(topic));
      return null;
    });
  }

  /** A publish of this node, queued then, was answered: the topic ends no earlier than here. */
  void published(Topic topic, long lastSeq, long queuedNanos) {
    Watch watch = watches.get(topic);
    if (watch != null) {
      watch.expect(lastSeq);
      watch.published(lastSeq, queuedNanos);
      recordHandOver(watch); // mostly its notification was faster than its answer
    }
  }

  private void recordHandOver(Topic topic) {
    Watch watch = watches.get(topic);
    if (watch != null) {
      recordHandOver(watch);
    }
  }

  private void recordHandOver(Watch watch) {
    long queuedNanos = watch.handedOver();
    if (queuedNanos != 0) {
      handedOver.record(System.nanoTime() - queuedNanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void notified(byte[] channel, byte[] payload) {
    Notification notification = Notification.parse(keys(), channel, payload);
    if (notification == null) {
      log.warn("A notification was not understood; its topic is read from the log a moment later");
      return;
    }
    Watch watch = watches.get(notification.topic());
    if (watch != null && !queue.offer(new Told(notification))) {
      lost.increment();
      watch.expect(notification.lastSeq());
    }
  }

  @Override
  public void subscribed(byte[] channel) {
    Parts known = parts;
    Topic topic = known == null ? null : known.link.keys().topicOf(channel);
    // Also after a reconnect: what was published meanwhile was told to nobody.
    if (topic != null && watches.containsKey(topic)) {
      check(topic);
    }
  }

  /** Never blocks: what is queued is void with the old epoch and makes room. */
  void epochChanged(long epoch) {
    NewEpoch event = new NewEpoch(epoch);
    while (!queue.offer(event)) {
      queue.clear();
    }
  }

  /** Ten times a second: tells what notifications should have told by now. */
  void tellOverdue() {
    long now = System.nanoTime();
    watches.forEach((topic, watch) -> {
      long expected = watch.expectedSeq;
      if (expected > watch.lastSeq
          && now - watch.expectedAtNanos > PATIENCE_NANOS
          && queue.offer(new Advanced(topic, expected))) {
        watch.expectedAtNanos = now;
      }
    });
  }

  /** Once a second: looks at the ends of the watched topics, a bounded number at a time. */
  void checkSome() {
    if (!nextToCheck.hasNext()) {
      nextToCheck = watches.keySet().iterator();
    }
    for (int i = 0; i < CHECKED_AT_ONCE && nextToCheck.hasNext(); i++) {
      check(nextToCheck.next());
    }
  }

  void close() {
    closed = true;
    notifier.interrupt();
  }

  private void check(Topic topic) {
    Watch watch = watches.get(topic);
    if (watch == null) {
      return;
    }
    Parts parts = parts();
    long epoch = parts.continuity.epoch();
    if (epoch != countedEpoch) {
      return; // ends of the old epoch would look like a loss of data
    }
    long before = watch.lastSeq; // before the question: a later answer must not be smaller
    parts
        .link
        .commands()
        .hget(parts.link.keys().state(topic), Keys.bytes("last"))
        .whenComplete((last, failure) -> {
          if (failure != null) {
            return; // the next check asks again
          }
          long lastSeq = last == null ? 0 : Keys.number(last);
          if (lastSeq < before && epoch == parts.continuity.epoch()) {
            parts.continuity.replaceEpoch();
          } else {
            watch.expect(lastSeq);
          }
        });
  }

  private void work() {
    List<Event> events = new ArrayList<>();
    while (!closed) {
      try {
        events.add(queue.take());
        queue.drainTo(events);
        tell(events);
      } catch (InterruptedException e) {
        return; // closed
      } catch (RuntimeException | Error e) {
        log.error("Telling of commits failed; what was missed is read from the log", e);
      } finally {
        events.clear();
      }
    }
  }

  private void tell(List<Event> events) {
    Map<Topic, List<LoggedMessage>> batches = new LinkedHashMap<>();
    for (Event event : events) {
      if (event instanceof Told told) {
        gather(told.notification, batches);
      } else {
        flush(batches);
        if (event instanceof Advanced advanced) {
          countHealed(advanced);
          advanced(advanced.topic, advanced.lastSeq);
        } else if (event instanceof NewEpoch fresh) {
          startAnew(fresh.epoch);
        }
      }
    }
    flush(batches);
  }

  private void countHealed(Advanced found) {
    Watch watch = watches.get(found.topic);
    if (watch != null && found.lastSeq > watch.lastSeq) {
      healed.increment();
    }
  }

  private void gather(Notification told, Map<Topic, List<LoggedMessage>> batches) {
    Watch watch = watches.get(told.topic());
    if (watch == null || told.lastSeq() <= watch.lastSeq) {
      return; // unwatched meanwhile, or read from the log already
    }
    Continuity continuity = parts().continuity;
    if (!continuity.isVerified()) {
      // It may come from a Redis that has lost what this node was told before: a sequence that was
      // used again would continue what is gone. It is read from the log once that is known.
      watch.expect(told.lastSeq());
      continuity.verify();
      return;
    }
    if (continuity.epoch() != countedEpoch) {
      return; // with the news of the new epoch everything is read from the log
    }
    if (told.messages().isEmpty()) {
      flush(batches);
      advanced(told.topic(), told.lastSeq());
      return;
    }
    long before = watch.lastSeq;
    long first = told.messages().get(0).seq();
    List<LoggedMessage> gathered = batches.computeIfAbsent(told.topic(), t -> new ArrayList<>());
    if (before > 0 && first > before + 1) {
      holes.increment();
      if (!gathered.isEmpty()) {
        flush(batches);
        gathered = batches.computeIfAbsent(told.topic(), t -> new ArrayList<>());
      }
    }
    for (LoggedMessage message : told.messages()) {
      if (message.seq() > before) {
        gathered.add(message);
      }
    }
    watch.lastSeq = told.lastSeq();
    LoggedMessage last = told.messages().get(told.messages().size() - 1);
    continuity.saw(told.topic(), countedEpoch, last.seq(), last.messageId());
  }

  private void flush(Map<Topic, List<LoggedMessage>> batches) {
    if (!batches.isEmpty()) {
      long epoch = countedEpoch;
      List<TopicBatch> told = new ArrayList<>(batches.size());
      batches.forEach((topic, messages) -> told.add(new TopicBatch(topic, epoch, messages)));
      announcements.committed(told);
      told.forEach(batch -> recordHandOver(batch.topic()));
    }
    batches.clear();
  }

  private void advanced(Topic topic, long lastSeq) {
    Watch watch = watches.get(topic);
    if (watch == null || lastSeq <= watch.lastSeq) {
      return;
    }
    watch.lastSeq = lastSeq;
    announcements.advanced(topic, lastSeq);
  }

  private void startAnew(long epoch) {
    watches.values().forEach(Watch::startAnew);
    countedEpoch = epoch;
    announcements.epochChanged(epoch);
  }

  private Keys keys() {
    return parts().link.keys();
  }

  private Parts parts() {
    Parts known = parts;
    if (known == null) {
      throw new IllegalStateException("not started");
    }
    return known;
  }
}

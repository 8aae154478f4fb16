package io.gochat.server.webhook;

import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.Outbox.Recorded;
import io.gochat.server.messaging.OutboxRecord;
import io.gochat.server.messaging.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door from the store's threads to the webhooks' loop. Thread-safe; holds its lock for short. Bounded: beyond so many
 * bytes it tells of records without handing them over, and then they are read.
 *
 * <p>The first record wakes the loop, which takes it at once. From then on the loop looks by itself, every few
 * milliseconds, until nothing came: with one commit for each message, a wake-up for each would cost both threads more than
 * to tell it.
 */
final class Notices implements Outbox.Listener {
  private static final Logger log = LoggerFactory.getLogger(Notices.class);
  private static final long MOST_BYTES = 16L << 20;
  private static final long GATHER_MS = 3;

  private final ScheduledExecutorService loop;
  private final Consumer<Collection<Recorded>> taker;
  private final Runnable lookAgain;
  private Map<Topic, Recorded> waiting = new LinkedHashMap<>(); // guarded by this
  private long bytes; // guarded by this
  /** Whether the loop looks by itself. */
  private boolean isLookedAt; // guarded by this

  Notices(ScheduledExecutorService loop, Consumer<Collection<Recorded>> taker, Runnable lookAgain) {
    this.loop = loop;
    this.taker = taker;
    this.lookAgain = lookAgain;
  }

  @Override
  public void recorded(List<Recorded> recorded) {
    boolean isFirst;
    synchronized (this) {
      isFirst = !isLookedAt;
      isLookedAt = true;
      for (Recorded one : recorded) {
        boolean fits = bytes + one.bytes() <= MOST_BYTES;
        bytes += fits ? one.bytes() : 0;
        Recorded added =
            fits ? one : new Recorded(one.topic(), one.lastPosition(), one.bytes(), List.of());
        waiting.merge(one.topic(), added, Notices::both);
      }
    }
    if (isFirst) {
      onLoop(this::take);
    }
  }

  private static Recorded both(Recorded first, Recorded then) {
    List<OutboxRecord> records = new ArrayList<>();
    if (!first.records().isEmpty() && !then.records().isEmpty()) {
      records.addAll(first.records());
      records.addAll(then.records());
    }
    return new Recorded(first.topic(), then.lastPosition(), first.bytes() + then.bytes(), records);
  }

  @Override
  public void lookAgain() {
    onLoop(lookAgain);
  }

  private void take() {
    Collection<Recorded> taken;
    synchronized (this) {
      isLookedAt = !waiting.isEmpty();
      if (!isLookedAt) {
        return;
      }
      taken = waiting.values();
      waiting = new LinkedHashMap<>();
      bytes = 0;
    }
    try {
      taker.accept(taken);
    } catch (RuntimeException | Error e) {
      log.error("a bug of ours: webhooks stumbled, and read everything again", e);
      lookAgain.run();
    }
    takeSoon();
  }

  private void takeSoon() {
    try {
      loop.schedule(this::take, GATHER_MS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // as below
    }
  }

  private void onLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // It is closed: what is recorded stays in the store.
    }
  }
}

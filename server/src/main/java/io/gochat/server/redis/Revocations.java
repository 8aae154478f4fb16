package io.gochat.server.redis;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions that other nodes ended: a stream, read with a cursor, so that none is missed while a connection is down. The
 * read waits in Redis until there is something, which makes it as quick as pub/sub would be. Thread-safe; one read at a
 * time, and each starts the next.
 *
 * <p>After a reconnect the stream may have been trimmed beyond the cursor, or, after a failover that lost data, end
 * before it. Then nobody can say what was missed, and the listener is told just that.
 */
final class Revocations {
  private static final byte[] SESSION = Keys.bytes("s");
  private static final byte[] NODE = Keys.bytes("n");

  private static final Logger LOG = LoggerFactory.getLogger(Revocations.class);
  private static final long BLOCK_MS = 500;
  private static final long RETRY_MS = 200;
  private static final int AT_ONCE = 1_000;

  private final RedisLink link;
  private final ScheduledExecutorService scheduler;
  // Of this process, not of its configured name: what it deleted itself it knows already.
  private final String origin = UUID.randomUUID().toString();
  private volatile Consumer<String> deleted = id -> {};
  private volatile Runnable missed = () -> {};
  private volatile boolean closed;
  private volatile StreamId cursor = StreamId.START; // written by one read after another
  private volatile int checkedGeneration;

  /** Ids of stream entries, compared as numbers. */
  private record StreamId(long ms, long seq) implements Comparable<StreamId> {
    static final StreamId START = new StreamId(0, 0);

    static StreamId parse(String text) {
      int dash = text.indexOf('-');
      return new StreamId(
          Long.parseLong(text, 0, dash, 10), Long.parseLong(text, dash + 1, text.length(), 10));
    }

    @Override
    public int compareTo(StreamId other) {
      int order = Long.compare(ms, other.ms);
      return order != 0 ? order : Long.compare(seq, other.seq);
    }

    @Override
    public String toString() {
      return ms + "-" + seq;
    }
  }

  Revocations(RedisLink link, ScheduledExecutorService scheduler) {
    this.link = link;
    this.scheduler = scheduler;
  }

  void onDeleted(Consumer<String> listener) {
    deleted = listener;
  }

  void onMissed(Runnable listener) {
    missed = listener;
  }

  /** What a deletion by this node looks like in the stream: fields and values in turn. */
  Object[] entry(String sessionId) {
    return new Object[] {SESSION, Keys.bytes(sessionId), NODE, Keys.bytes(origin)};
  }

  /** Starts after what is there now; completes when nothing later can be missed. */
  CompletionStage<Void> start() {
    checkedGeneration = link.generation();
    return end().thenAccept(end -> {
      cursor = end;
      readOn();
    });
  }

  void close() {
    closed = true;
  }

  private void readOn() {
    if (closed) {
      return;
    }
    int generation = link.generation();
    CompletionStage<?> step =
        generation == checkedGeneration ? readOnce() : lookForHole(generation);
    step.whenComplete((done, failure) -> {
      if (failure == null) {
        readOn();
      } else if (!closed) {
        LOG.debug("Revocations cannot be read now", failure);
        scheduler.schedule(this::readOn, RETRY_MS, TimeUnit.MILLISECONDS);
      }
    });
  }

  @SuppressWarnings("unchecked") // an array of one generic offset, for the client's varargs
  private CompletionStage<Void> readOnce() {
    XReadArgs args = XReadArgs.Builder.block(BLOCK_MS).count(AT_ONCE);
    return link.waiting()
        .xread(args, XReadArgs.StreamOffset.from(Keys.REVOCATIONS, cursor.toString()))
        .thenAccept(this::tell);
  }

  private void tell(@Nullable List<StreamMessage<byte[], byte[]>> entries) {
    if (entries == null) {
      return;
    }
    for (StreamMessage<byte[], byte[]> entry : entries) {
      String session = null;
      boolean ours = false;
      for (Map.Entry<byte[], byte[]> field : entry.getBody().entrySet()) {
        if (field.getKey()[0] == SESSION[0]) {
          session = Keys.text(field.getValue());
        } else if (field.getKey()[0] == NODE[0]) {
          ours = Keys.text(field.getValue()).equals(origin);
        }
      }
      if (session != null && !ours) {
        deleted.accept(session);
      }
      cursor = StreamId.parse(entry.getId());
    }
  }

  private CompletionStage<Void> lookForHole(int generation) {
    return end().thenCombine(oldest(), (end, first) -> {
      boolean wentBack = end.compareTo(cursor) < 0;
      if (wentBack || first.compareTo(cursor) > 0) {
        LOG.warn("Revocations may have been missed: every session is looked up again");
        cursor = wentBack ? end : cursor;
        missed.run();
      }
      checkedGeneration = generation;
      return null;
    });
  }

  private CompletionStage<StreamId> end() {
    return only(link.commands()
        .xrevrange(Keys.REVOCATIONS, Range.unbounded(), Limit.from(1))
        .toCompletableFuture());
  }

  private CompletionStage<StreamId> oldest() {
    return only(link.commands()
        .xrange(Keys.REVOCATIONS, Range.unbounded(), Limit.from(1))
        .toCompletableFuture());
  }

  private static CompletionStage<StreamId> only(
      CompletableFuture<List<StreamMessage<byte[], byte[]>>> entries) {
    return entries.thenApply(
        list -> list.isEmpty() ? StreamId.START : StreamId.parse(list.get(0).getId()));
  }
}

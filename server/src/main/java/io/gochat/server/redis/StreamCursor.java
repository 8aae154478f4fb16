package io.gochat.server.redis;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where this process stands in a stream that all nodes append to and read, so that nothing is missed while a connection
 * is down. One read at a time, each after the one before; that order is what guards the fields.
 *
 * <p>After a reconnect the stream may have been trimmed beyond the cursor, or, after a failover that lost data, end
 * before it. Then nobody can say what was missed, and the reader is told just that.
 */
final class StreamCursor {
  private final RedisLink link;
  private final byte[] stream;
  private final Consumer<Map<byte[], byte[]>> reader;
  private final Runnable missed;
  private volatile StreamId position = StreamId.START;
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

  /**
   * Reads {@code stream}.
   *
   * @param reader called with the fields of each entry, in order
   * @param missed called when entries may have been missed, before those that come after
   */
  StreamCursor(
      RedisLink link, byte[] stream, Consumer<Map<byte[], byte[]>> reader, Runnable missed) {
    this.link = link;
    this.stream = stream;
    this.reader = reader;
    this.missed = missed;
  }

  /** Starts after what is there now; completes when nothing later can be missed. */
  CompletionStage<Void> start() {
    checkedGeneration = link.generation();
    return end().thenAccept(end -> position = end);
  }

  /** Reads once, at most so many entries; waits for them in Redis if {@code args} say so. */
  CompletionStage<Void> read(RedisClusterAsyncCommands<byte[], byte[]> redis, XReadArgs args) {
    int generation = link.generation();
    return generation == checkedGeneration ? readOn(redis, args) : lookForHole(generation);
  }

  @SuppressWarnings("unchecked") // an array of one generic offset, for the client's varargs
  private CompletionStage<Void> readOn(
      RedisClusterAsyncCommands<byte[], byte[]> redis, XReadArgs args) {
    return redis
        .xread(args, XReadArgs.StreamOffset.from(stream, position.toString()))
        .thenAccept(this::tell);
  }

  private void tell(@Nullable List<StreamMessage<byte[], byte[]>> entries) {
    if (entries == null) {
      return;
    }
    for (StreamMessage<byte[], byte[]> entry : entries) {
      reader.accept(entry.getBody());
      position = StreamId.parse(entry.getId());
    }
  }

  private CompletionStage<Void> lookForHole(int generation) {
    return end().thenCombine(oldest(), (end, first) -> {
      StreamId at = position;
      boolean wentBack = end.compareTo(at) < 0;
      if (wentBack || first.compareTo(at) > 0) {
        position = wentBack ? end : at;
        missed.run();
      }
      checkedGeneration = generation;
      return null;
    });
  }

  private CompletionStage<StreamId> end() {
    return only(
        link.commands().xrevrange(stream, Range.unbounded(), Limit.from(1)).toCompletableFuture());
  }

  private CompletionStage<StreamId> oldest() {
    return only(
        link.commands().xrange(stream, Range.unbounded(), Limit.from(1)).toCompletableFuture());
  }

  private static CompletionStage<StreamId> only(
      CompletableFuture<List<StreamMessage<byte[], byte[]>>> entries) {
    return entries.thenApply(
        list -> list.isEmpty() ? StreamId.START : StreamId.parse(list.get(0).getId()));
  }
}

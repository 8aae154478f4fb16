package io.gochat.bench.jmh;

import io.gochat.server.clock.GuardedClock;
import io.gochat.server.embedded.Durability;
import io.gochat.server.embedded.EmbeddedOptions;
import io.gochat.server.embedded.EmbeddedStore;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Publishes into the embedded store, with so many unanswered at once; an operation is one accepted publish. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class CommitterBenchmark {
  private static final int TOPICS = 16;

  /** Publishers that wait for their answer: the committer makes one batch of what they have put in. */
  @Param({"1", "64", "1024"})
  public int publishers;

  /** Whether an accepted publish is on the disk. */
  @Param({"FSYNC", "ASYNC"})
  public Durability durability = Durability.FSYNC;

  private final String text = "x".repeat(128);
  private Semaphore window = new Semaphore(1);
  private int turn;
  private @Nullable Path directory;
  private @Nullable EmbeddedStore store;
  private volatile @Nullable PublishResult refusal;

  /** Opens a fresh store. */
  @Setup
  public void open() throws IOException {
    window = new Semaphore(publishers);
    Path fresh = Files.createTempDirectory("gochat-bench");
    directory = fresh;
    try {
      store = EmbeddedStore.open(
          EmbeddedOptions.of(fresh).withDurability(durability),
          GuardedClock.ofSystem(),
          new SimpleMeterRegistry());
    } catch (Exception e) {
      throw new IOException("cannot open a store in " + fresh, e);
    }
  }

  /** Closes and deletes it. */
  @TearDown
  public void close() throws IOException, InterruptedException {
    window.acquire(publishers);
    if (store != null) {
      store.close();
    }
    if (directory != null) {
      try (Stream<Path> files = Files.walk(directory)) {
        List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        deepestFirst.forEach(CommitterBenchmark::delete);
      }
    }
    if (refusal != null) {
      throw new IllegalStateException("a publish was refused: " + refusal);
    }
  }

  /** Starts a publish as soon as one of the publishers has its answer. */
  @Benchmark
  public void publish() throws InterruptedException {
    EmbeddedStore open = store;
    if (open == null) {
      throw new IllegalStateException("not set up");
    }
    window.acquire();
    turn = (turn + 1) % TOPICS;
    open.log()
        .publish(new Publication(Topic.room(turn + 1), 1, "somebody", "", text, null))
        .whenComplete((result, failure) -> {
          if (!(result instanceof PublishResult.Accepted)) {
            refusal = result;
          }
          window.release();
        });
  }

  private static void delete(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

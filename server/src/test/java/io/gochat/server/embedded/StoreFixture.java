package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Message;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.clock.ManualClock;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Topic;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.WriteBatch;

/** A real store on a real directory, with a manual clock; it can be opened again. Confined to the test's thread. */
final class StoreFixture implements AutoCloseable {
  static final Topic ROOM = Topic.room(7);

  final ManualClock clock = new ManualClock();
  final MeterRegistry meters = new SimpleMeterRegistry();
  GuardedClock guarded = clock.guarded();
  private EmbeddedOptions options;
  final AtomicInteger deaths = new AtomicInteger();
  private CommitFaults faults = CommitFaults.NONE;
  private @Nullable EmbeddedStore store;

  StoreFixture(EmbeddedOptions options) {
    this.options = options;
  }

  StoreFixture with(CommitFaults injected) {
    faults = injected;
    return this;
  }

  void options(EmbeddedOptions changed) {
    options = changed;
  }

  StoreFixture open() throws StoreOpenException {
    guarded = clock.guarded();
    store = EmbeddedStore.open(options, guarded, meters, deaths::incrementAndGet, faults);
    return this;
  }

  void reopen() throws StoreOpenException {
    stop();
    open();
  }

  EmbeddedStore store() {
    return Objects.requireNonNull(store, "not open");
  }

  CompletableFuture<PublishResult> publish(Topic topic, String text, @Nullable String key) {
    return store().log().publish(new Publication(topic, 3, "alice", "", text, key));
  }

  PublishResult publish(String text) {
    return publish(ROOM, text, null).join();
  }

  Accepted accepted(String text) {
    return (Accepted) publish(text);
  }

  /** Waits until it takes writes again. */
  void awaitReady() {
    await().atMost(Duration.ofSeconds(30)).until(() -> store().isReady());
  }

  static void assertUnavailable(PublishResult result) {
    assertThat(result).isInstanceOfSatisfying(Refused.class, refused -> {
      assertThat(refused.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE);
      assertThat(refused.retryAfterMs()).isPositive();
    });
  }

  long firstSeq(Topic topic) {
    return store().log().state(topic, 0).join().firstSeq();
  }

  long lastSeq(Topic topic) {
    return store().log().state(topic, 0).join().lastSeq();
  }

  /** Everything that is retained, read in slices; fails on a hole. */
  List<LoggedMessage> messages(Topic topic) {
    List<LoggedMessage> messages = new ArrayList<>();
    long next = 1;
    while (true) {
      LogSlice slice = store().log().read(topic, next, 500, 1 << 20).join();
      for (LoggedMessage message : slice.messages()) {
        if (!messages.isEmpty() && message.seq() != next) {
          throw new AssertionError("a hole before " + message.seq());
        }
        messages.add(message);
        next = message.seq() + 1;
      }
      if (slice.messages().isEmpty() || next > slice.lastSeq()) {
        return messages;
      }
    }
  }

  List<String> texts(Topic topic) {
    return messages(topic).stream().map(StoreFixture::text).toList();
  }

  static String text(LoggedMessage message) {
    try {
      return Message.parseFrom(message.bytes()).getText();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** Changes what is stored of a topic, behind the back of the store that is open. */
  void rewrite(Topic topic, BiFunction<Long, Message, Message> change) throws Exception {
    stop();
    try (Database database =
            Database.open(options.directory().resolve("db"), false, StoreBounds.DEFAULT);
        WriteBatch batch = new WriteBatch()) {
      try (Database.Scan scan = database.scan(
          Family.MESSAGES, Keys.message(topic, 1), Keys.message(topic, Long.MAX_VALUE))) {
        for (boolean more = scan.first(); more; more = scan.next()) {
          Message message = Message.parseFrom(MessageCodec.stored(scan.value()));
          byte[] changed = change.apply(Keys.toSeq(scan.key()), message).toByteArray();
          byte[] value = ByteBuffer.allocate(changed.length + 1)
              .put(MessageCodec.STORED_FORMAT)
              .put(changed)
              .array();
          batch.put(database.handle(Family.MESSAGES), scan.key(), value);
        }
      }
      database.write(batch, true);
    }
    open();
  }

  /** Where the data of a log end, and the zeros begin with which it is filled. */
  static int endOfData(Path log) throws IOException {
    byte[] bytes = Files.readAllBytes(log);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    return end;
  }

  /** As it is now: what a crash at this moment would leave behind. */
  static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else if (!file.getFileName().toString().equals("LOCK")) {
          Files.copy(file, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    stop();
  }

  /** A clean stop; the fixture can be opened again. */
  void stop() {
    EmbeddedStore open = store;
    store = null;
    if (open != null) {
      open.close();
    }
  }
}

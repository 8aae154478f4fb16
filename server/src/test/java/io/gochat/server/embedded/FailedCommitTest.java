package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static io.gochat.server.embedded.StoreFixture.assertUnavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gochat.protocol.ErrorKind;
import io.gochat.server.contract.RecordingListener;
import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.messaging.AckResult;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Topic;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Writes that fail, and a store that is opened again. */
@Timeout(120)
class FailedCommitTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir
  Path directory;

  private final InjectedFaults faults = new InjectedFaults();

  private StoreFixture open(Durability durability) throws StoreOpenException {
    return new StoreFixture(EmbeddedOptions.of(directory).withDurability(durability))
        .with(faults)
        .open();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void a_write_that_failed_is_not_told_and_its_sequence_is_used_by_the_next(Durability durability)
      throws Exception {
    try (StoreFixture fixture = open(durability)) {
      RecordingListener listener = new RecordingListener();
      fixture.store().log().listener(listener);
      fixture.accepted("one");
      long epoch = fixture.store().log().epoch();

      faults.before.set(1);
      PublishResult failed = fixture.publish(ROOM, "two", "key").join();
      fixture.awaitReady();
      Accepted retried = (Accepted) fixture.publish(ROOM, "two", "key").join();

      assertUnavailable(failed);
      assertThat(retried.duplicate()).isFalse();
      assertThat(retried.seq()).isEqualTo(2);
      assertThat(fixture.texts(ROOM)).containsExactly("one", "two");
      await().atMost(SOON).until(() -> listener.end(ROOM) == 2);
      assertThat(listener.problems()).isEmpty();
      assertThat(listener.messageIds(ROOM)).hasSize(2);
      assertThat(fixture.store().log().epoch()).isEqualTo(epoch); // nothing was lost
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void a_failed_write_that_is_found_on_disk_is_part_of_the_log(Durability durability)
      throws Exception {
    try (StoreFixture fixture = open(durability)) {
      RecordingListener listener = new RecordingListener();
      fixture.store().log().listener(listener);
      fixture.accepted("one");

      faults.after.set(1);
      PublishResult failed = fixture.publish(ROOM, "two", "key").join();
      fixture.awaitReady();

      assertUnavailable(failed);
      assertThat(listener.end(ROOM)).isEqualTo(2); // told with advanced()
      assertThat(listener.messageIds(ROOM)).hasSize(1);
      assertThat(fixture.texts(ROOM)).containsExactly("one", "two");
      Accepted retried = (Accepted) fixture.publish(ROOM, "two", "key").join();
      assertThat(retried.duplicate()).isTrue();
      assertThat(retried.seq()).isEqualTo(2);
      assertThat(fixture.accepted("three").seq()).isEqualTo(3);
      assertThat(fixture.messages(ROOM))
          .extracting(message -> message.messageId())
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void while_the_store_is_closed_everything_is_refused_and_nothing_hangs() throws Exception {
    try (StoreFixture fixture = open(Durability.FSYNC)) {
      fixture.accepted("one");
      faults.reopen.set(Integer.MAX_VALUE); // until everything was asked
      faults.before.set(1);

      assertUnavailable(fixture.publish("two"));

      assertThat(fixture.store().isReady()).isFalse();
      assertUnavailable(fixture.publish("three"));
      assertThatThrownBy(() -> fixture.store().accounts().create("a", "a", "h").join())
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(StoreUnavailableException.class);
      // Writers hear of it first; a moment later there is nothing to read from either.
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThatThrownBy(
                  () -> fixture.store().sessions().find("a").join())
              .isInstanceOf(CompletionException.class)
              .hasCauseInstanceOf(StoreUnavailableException.class));
      faults.reopen.set(0);
      fixture.awaitReady();
      assertThat(fixture.accepted("four").seq()).isEqualTo(2);
      assertThat(fixture.texts(ROOM)).containsExactly("one", "four");
    }
  }

  @Test
  void under_async_a_reopen_that_finds_less_changes_the_epoch_and_says_so() throws Exception {
    try (StoreFixture fixture = open(Durability.ASYNC)) {
      RecordingListener listener = new RecordingListener();
      fixture.store().log().listener(listener);
      for (int i = 1; i <= 20; i++) {
        fixture.accepted("m" + i);
      }
      long epoch = fixture.store().log().epoch();
      faults.whileClosed = this::loseTheEnd;
      faults.before.set(1);

      assertUnavailable(fixture.publish("lost"));
      fixture.awaitReady();

      long now = fixture.store().log().epoch();
      assertThat(now).isNotEqualTo(epoch);
      assertThat(listener.epochs()).containsExactly(now);
      long lastSeq = fixture.lastSeq(ROOM);
      assertThat(lastSeq).isBetween(1L, 19L);
      assertThat(fixture.texts(ROOM)).hasSize((int) lastSeq);
      assertThat(fixture.accepted("next").seq()).isEqualTo(lastSeq + 1);
      assertThat(fixture.store().log().keptUntil(ROOM, epoch).join()).isEqualTo(lastSeq);
    }
  }

  @Test
  void an_acknowledgement_under_way_counts_as_far_as_nothing_of_its_epoch_was_lost()
      throws Exception {
    Topic inbox = Topic.inbox(3);
    try (StoreFixture fixture = open(Durability.ASYNC)) {
      for (int i = 1; i <= 20; i++) {
        fixture.publish(inbox, "m" + i, null).join();
      }
      long epoch = fixture.store().log().epoch();
      faults.whileClosed = this::loseTheEnd;
      faults.before.set(1);
      assertUnavailable(fixture.publish("lost"));
      fixture.awaitReady();
      long kept = fixture.lastSeq(inbox);
      fixture.publish(inbox, "new", null).join();
      Messaging messaging =
          new Messaging(fixture.store().log(), fixture.store().positions(), 16_384);

      AckResult lost = messaging.acknowledge(3, "phone", epoch, kept + 1).join();
      AckResult counts = messaging.acknowledge(3, "phone", epoch, kept).join();

      assertThat(fixture.store().log().epoch()).isNotEqualTo(epoch);
      assertThat(lost).isInstanceOf(AckResult.Refused.class);
      assertThat(counts).isInstanceOf(AckResult.Acknowledged.class);
      assertThat(fixture.store().positions().acknowledged(3, "phone").join().seq())
          .isEqualTo(kept);
    }
  }

  @Test
  void under_fsync_a_reopen_that_finds_less_is_not_accepted() throws Exception {
    try (StoreFixture fixture = open(Durability.FSYNC)) {
      for (int i = 1; i <= 20; i++) {
        fixture.accepted("m" + i);
      }
      faults.whileClosed = this::loseTheEnd;
      faults.before.set(1);

      assertUnavailable(fixture.publish("lost"));
      await().atMost(SOON).until(() -> faults.reopened.get() > 2);

      assertThat(fixture.store().isReady()).isFalse();
      assertUnavailable(fixture.publish("refused"));
    }
    assertThatThrownBy(() -> open(Durability.FSYNC))
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining("./gochat repair");
  }

  @Test
  void store_that_does_not_open_again_is_told_once_a_minute_not_at_each_attempt() throws Exception {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Logger logger = (Logger) LoggerFactory.getLogger(Committer.class);
    logger.addAppender(lines);
    try (StoreFixture fixture = open(Durability.FSYNC)) {
      faults.reopen.set(4);
      faults.before.set(1);

      assertUnavailable(fixture.publish("one"));
      fixture.awaitReady();
    } finally {
      logger.detachAppender(lines);
    }

    assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
        .filteredOn(line -> line.startsWith("the store cannot be opened again"))
        .hasSize(1);
  }

  /** What a disk does that claims to have written. */
  private void loseTheEnd() {
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      Path log = files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Comparator.comparing(file -> file.toFile().length()))
          .orElseThrow();
      try (RandomAccessFile access = new RandomAccessFile(log.toFile(), "rw")) {
        access.setLength(access.length() - 300);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void an_account_whose_write_failed_can_be_registered_again() throws Exception {
    try (StoreFixture fixture = open(Durability.FSYNC)) {
      faults.before.set(1);
      assertThatThrownBy(() -> fixture.store().accounts().create("a", "a", "h").join())
          .hasCauseInstanceOf(StoreUnavailableException.class);
      fixture.awaitReady();

      assertThat(fixture.store().accounts().create("a", "a", "h").join())
          .hasValueSatisfying(account -> assertThat(account.userId()).isEqualTo(1));
    }
  }

  @Test
  void closing_during_an_outage_ends() throws Exception {
    StoreFixture fixture = open(Durability.FSYNC);
    faults.reopen.set(Integer.MAX_VALUE);
    faults.before.set(1);
    assertUnavailable(fixture.publish("one"));

    fixture.close();

    faults.reopen.set(0);
    try (StoreFixture again = open(Durability.FSYNC)) {
      assertThat(again.messages(ROOM)).isEmpty();
    }
  }

  @Test
  void through_random_failures_nothing_accepted_is_lost_or_doubled() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (StoreFixture fixture = open(Durability.ASYNC)) {
      RecordingListener listener = new RecordingListener();
      fixture.store().log().listener(listener);
      List<String> unanswered = new ArrayList<>();
      int next = 0;
      for (int round = 0; round < 60; round++) {
        if (random.nextInt(3) == 0) {
          (random.nextBoolean() ? faults.before : faults.after).set(1);
        }
        List<String> texts = new ArrayList<>(unanswered);
        for (int i = random.nextInt(20); i >= 0; i--) {
          texts.add("m" + next++);
        }
        List<CompletableFuture<PublishResult>> results = new ArrayList<>();
        texts.forEach(text -> results.add(fixture.publish(ROOM, text, text)));
        unanswered.clear();
        for (int i = 0; i < texts.size(); i++) {
          if (results.get(i).join() instanceof Refused refused) {
            assertThat(refused.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE);
            unanswered.add(texts.get(i));
          }
        }
        fixture.awaitReady();
      }
      faults.before.set(0);
      faults.after.set(0);
      unanswered.forEach(text ->
          assertThat(fixture.publish(ROOM, text, text).join()).isInstanceOf(Accepted.class));

      assertThat(fixture.texts(ROOM))
          .as("seed %d", seed)
          .doesNotHaveDuplicates()
          .hasSize(next);
      assertThat(listener.problems()).as("seed %d", seed).isEmpty();
      assertThat(listener.end(ROOM)).isEqualTo(next);
    }
  }
}

package io.gochat.server.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Message;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a {@link MessageLog} promises. Each test gets an empty store that keeps {@link #RETAINED} messages per topic. */
@Timeout(60)
public abstract class MessageLogContract {
  /** With which retention count the store under test must be opened. */
  protected static final int RETAINED = 2_000;

  private static final int MANY_BYTES = 1 << 20;
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Topic room = Topic.room(7);
  private final Topic inbox = Topic.inbox(7);

  /** The log under test. */
  protected abstract MessageLog log();

  /** Stops the store cleanly and opens it again on the same data; {@link #log} answers with the new one from then on. */
  protected abstract void reopen() throws Exception;

  private CompletableFuture<PublishResult> publish(
      Topic topic, long from, String text, @Nullable String key) {
    return log()
        .publish(
            new Publication(topic, from, "user-" + from, topic.isInbox() ? "bob" : "", text, key));
  }

  private Accepted accepted(Topic topic, String text) {
    return (Accepted) publish(topic, 3, text, null).join();
  }

  private List<LoggedMessage> all(Topic topic) {
    List<LoggedMessage> messages = new ArrayList<>();
    LogSlice slice;
    long next = 1;
    do {
      slice = log().read(topic, next, 100, MANY_BYTES).join();
      messages.addAll(slice.messages());
      next = messages.isEmpty()
          ? slice.lastSeq() + 1
          : messages.get(messages.size() - 1).seq() + 1;
    } while (next <= slice.lastSeq());
    return messages;
  }

  private static String text(LoggedMessage message) {
    try {
      return Message.parseFrom(message.bytes()).getText();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_topic_that_nobody_wrote_to_is_empty() {
    TopicState state = log().state(room, 0).join();
    LogSlice slice = log().read(room, 1, 10, MANY_BYTES).join();

    assertThat(state).isEqualTo(new TopicState(log().epoch(), 1, 0, 0));
    assertThat(slice).isEqualTo(new LogSlice(log().epoch(), 1, 0, List.of()));
  }

  @Test
  void the_epoch_is_an_id_and_stays_over_a_clean_restart() throws Exception {
    long epoch = log().epoch();
    accepted(room, "x");

    reopen();

    assertThat(Limits.isId(epoch)).isTrue();
    assertThat(log().epoch()).isEqualTo(epoch);
    assertThat(log().state(room, 0).join().lastSeq()).isEqualTo(1);
  }

  @Test
  void each_topic_counts_for_itself() {
    assertThat(accepted(room, "a").seq()).isEqualTo(1);
    assertThat(accepted(inbox, "b").seq()).isEqualTo(1);
    assertThat(accepted(room, "c").seq()).isEqualTo(2);
    assertThat(accepted(Topic.room(8), "d").seq()).isEqualTo(1);
  }

  @Test
  void a_message_is_stored_as_it_goes_over_the_wire() throws Exception {
    long beforeMs = System.currentTimeMillis() - Duration.ofDays(3650).toMillis();
    Accepted accepted = (Accepted) publish(inbox, 3, "grüße 👋", "key").join();

    Message message = Message.parseFrom(
        log().read(inbox, 1, 1, MANY_BYTES).join().messages().get(0).bytes());

    assertThat(message.getCreatedAtMs()).isGreaterThan(beforeMs);
    assertThat(message.toBuilder().clearCreatedAtMs().build())
        .isEqualTo(Message.newBuilder()
            .setMessageId(accepted.messageId())
            .setTopic(io.gochat.protocol.Topic.newBuilder().setUserId(7))
            .setSeq(1)
            .setFromUserId(3)
            .setFromUserName("user-3")
            .setToUserName("bob")
            .setToUserId(7)
            .setText("grüße 👋")
            .build());
  }

  @Test
  void what_was_accepted_is_visible_at_once() {
    for (int i = 1; i <= 50; i++) {
      Accepted accepted = accepted(room, "m" + i);

      TopicState state = log().state(room, i).join();
      LogSlice slice = log().read(room, i, 10, MANY_BYTES).join();

      assertThat(state.lastSeq()).isEqualTo(i);
      assertThat(state.probedMessageId()).isEqualTo(accepted.messageId());
      assertThat(slice.lastSeq()).isEqualTo(i);
      assertThat(slice.messages())
          .extracting(LoggedMessage::messageId)
          .containsExactly(accepted.messageId());
    }
  }

  @Test
  void publishes_of_one_caller_keep_their_order() {
    List<CompletableFuture<PublishResult>> results = new ArrayList<>();
    for (int i = 1; i <= 1_000; i++) {
      results.add(publish(room, 3, "m" + i, i % 2 == 0 ? "key-" + i : null));
    }

    for (int i = 1; i <= 1_000; i++) {
      assertThat(((Accepted) results.get(i - 1).join()).seq()).isEqualTo(i);
    }
    assertThat(all(room))
        .extracting(MessageLogContract::text)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, 1_000).mapToObj(i -> "m" + i).toList());
  }

  @Test
  void many_publishers_leave_no_hole_and_each_keeps_its_order() throws Exception {
    int publishers = 8;
    int each = 200;
    List<List<Accepted>> answers = inParallel(publishers, publisher -> {
      List<CompletableFuture<PublishResult>> results = new ArrayList<>();
      for (int i = 0; i < each; i++) {
        results.add(publish(room, publisher + 1, publisher + "-" + i, null));
      }
      return results.stream().map(result -> (Accepted) result.join()).toList();
    });

    List<LoggedMessage> logged = all(room);
    int[] next = new int[publishers];
    Set<Long> messageIds = new HashSet<>();
    for (LoggedMessage message : logged) {
      String[] parts = text(message).split("-", 2);
      int publisher = Integer.parseInt(parts[0]);
      assertThat(parts[1]).isEqualTo(Integer.toString(next[publisher]));
      Accepted answer = answers.get(publisher).get(next[publisher]++);
      assertThat(answer).isEqualTo(new Accepted(message.messageId(), message.seq(), false));
      messageIds.add(message.messageId());
    }
    assertThat(logged)
        .extracting(LoggedMessage::seq)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, (long) publishers * each).boxed().toList());
    assertThat(messageIds).hasSize(publishers * each).allMatch(Limits::isId);
  }

  @Test
  void a_client_message_id_publishes_once() {
    Accepted first = (Accepted) publish(room, 3, "text", "key").join();

    PublishResult again = publish(room, 3, "text", "key").join();

    assertThat(first.duplicate()).isFalse();
    assertThat(again).isEqualTo(new Accepted(first.messageId(), first.seq(), true));
    assertThat(log().state(room, 0).join().lastSeq()).isEqualTo(1);
  }

  @Test
  void a_client_message_id_with_another_text_is_refused() {
    publish(room, 3, "text", "key").join();

    PublishResult again = publish(room, 3, "another", "key").join();

    assertThat(again).isInstanceOfSatisfying(Refused.class, refused -> {
      assertThat(refused.kind()).isEqualTo(ErrorKind.CLIENT_MESSAGE_ID_REUSED);
      assertThat(refused.retryAfterMs()).isZero();
    });
    assertThat(log().state(room, 0).join().lastSeq()).isEqualTo(1);
    assertThat(publish(room, 3, "text", "key").join()).isInstanceOf(Accepted.class);
  }

  @Test
  void a_client_message_id_counts_per_sender_and_topic() {
    publish(room, 3, "text", "key").join();

    assertThat(((Accepted) publish(room, 4, "text", "key").join()).duplicate()).isFalse();
    assertThat(((Accepted) publish(inbox, 3, "text", "key").join()).duplicate()).isFalse();
    assertThat(((Accepted) publish(Topic.room(8), 3, "text", "key").join()).duplicate())
        .isFalse();
    assertThat(((Accepted) publish(room, 3, "text", "KEY").join()).duplicate()).isFalse();
  }

  @Test
  void a_client_message_id_is_known_after_a_restart() throws Exception {
    Accepted first = (Accepted) publish(room, 3, "text", "key").join();

    reopen();

    assertThat(publish(room, 3, "text", "key").join())
        .isEqualTo(new Accepted(first.messageId(), first.seq(), true));
    assertThat(publish(room, 3, "another", "key").join()).isInstanceOf(Refused.class);
  }

  @Test
  void of_many_publishes_with_one_client_message_id_exactly_one_is_the_first() throws Exception {
    for (int round = 0; round < 10; round++) {
      String key = "key-" + round;
      List<Accepted> answers = inParallel(
              8, publisher -> List.of(publish(room, 3, "text", key), publish(room, 3, "text", key)))
          .stream()
          .flatMap(List::stream)
          .map(result -> (Accepted) result.join())
          .toList();

      assertThat(answers).filteredOn(answer -> !answer.duplicate()).hasSize(1);
      assertThat(answers).extracting(Accepted::seq).containsOnly(round + 1L);
      assertThat(answers)
          .extracting(Accepted::messageId)
          .containsOnly(answers.get(0).messageId());
    }
  }

  @Test
  void of_two_texts_with_one_client_message_id_in_flight_one_is_refused() {
    CompletableFuture<PublishResult> first = publish(room, 3, "one", "key");
    CompletableFuture<PublishResult> second = publish(room, 3, "two", "key");
    CompletableFuture<PublishResult> third = publish(room, 3, "one", "key");

    assertThat(first.join()).isInstanceOf(Accepted.class);
    assertThat(second.join()).isInstanceOf(Refused.class);
    assertThat(third.join())
        .isInstanceOfSatisfying(
            Accepted.class, accepted -> assertThat(accepted.duplicate()).isTrue());
  }

  @Test
  void sequences_and_message_ids_go_on_after_a_restart() throws Exception {
    Accepted before = accepted(room, "before");

    reopen();
    Accepted after = accepted(room, "after");

    assertThat(after.seq()).isEqualTo(2);
    assertThat(after.messageId()).isNotEqualTo(before.messageId());
  }

  @Test
  void a_read_is_bounded_by_messages_and_bytes_but_never_empty_handed() {
    for (int i = 1; i <= 20; i++) {
      accepted(room, "x".repeat(100));
    }
    int size = log().read(room, 1, 1, MANY_BYTES).join().messages().get(0).bytes().length;

    assertThat(log().read(room, 5, 3, MANY_BYTES).join().messages())
        .extracting(LoggedMessage::seq)
        .containsExactly(5L, 6L, 7L);
    assertThat(log().read(room, 1, 10, size * 2 + size / 2).join().messages()).hasSize(2);
    assertThat(log().read(room, 3, 10, 1).join().messages())
        .extracting(LoggedMessage::seq)
        .containsExactly(3L);
    assertThat(log().read(room, 21, 10, MANY_BYTES).join().messages()).isEmpty();
    assertThat(log().read(room, 1_000_000, 10, MANY_BYTES).join().lastSeq()).isEqualTo(20);
  }

  @Test
  void a_large_message_comes_back_whole() {
    String text = "é".repeat(8_192);

    Accepted accepted = accepted(room, text);

    LoggedMessage message =
        log().read(room, accepted.seq(), 1, 1).join().messages().get(0);
    assertThat(text(message)).isEqualTo(text);
  }

  @Test
  void a_probe_beyond_the_end_finds_nothing() {
    accepted(room, "x");

    assertThat(log().state(room, 2).join().probedMessageId()).isZero();
  }

  @Test
  void retention_drops_the_oldest_and_its_bound_never_goes_back() throws Exception {
    int count = RETAINED * 2;
    List<CompletableFuture<PublishResult>> results = new ArrayList<>();
    long firstSeq = 1;
    for (int i = 1; i <= count; i++) {
      results.add(publish(room, 3, "m" + i, null));
      if (i % 500 == 0) {
        long first = log().state(room, 0).join().firstSeq();
        assertThat(first).isGreaterThanOrEqualTo(firstSeq);
        firstSeq = first;
      }
    }
    results.forEach(result -> assertThat(result.join()).isInstanceOf(Accepted.class));

    await().atMost(SOON).untilAsserted(() -> {
      TopicState state = log().state(room, 0).join();
      assertThat(state.lastSeq() - state.firstSeq() + 1)
          .isBetween((long) RETAINED, RETAINED * 5L / 4);
    });
    LogSlice slice = log().read(room, 1, 10, MANY_BYTES).join();
    assertThat(slice.firstSeq()).isGreaterThanOrEqualTo(firstSeq);
    assertThat(slice.messages().get(0).seq()).isEqualTo(slice.firstSeq());
    assertThat(log().state(room, 1).join().probedMessageId()).isZero();
    reopen();
    assertThat(log().state(room, 0).join().firstSeq()).isGreaterThanOrEqualTo(slice.firstSeq());
    assertThat(all(room))
        .first()
        .extracting(LoggedMessage::seq)
        .isEqualTo(log().state(room, 0).join().firstSeq());
  }

  @Test
  void the_listener_hears_of_every_commit_in_order() throws Exception {
    RecordingListener listener = new RecordingListener();
    log().listener(listener);
    Topic other = Topic.room(8);
    log().watch(room).join();
    log().watch(other).join();

    inParallel(4, publisher -> {
      for (int i = 0; i < 100; i++) {
        publish(i % 3 == 0 ? other : room, publisher + 1, "m" + i, null).join();
      }
      return publisher;
    });

    for (Topic topic : List.of(room, other)) {
      long lastSeq = log().state(topic, 0).join().lastSeq();
      await().atMost(SOON).until(() -> listener.end(topic) == lastSeq);
    }
    assertThat(listener.problems()).isEmpty();
    assertThat(listener.epochs()).isEmpty();
  }

  @Test
  void a_refused_duplicate_is_not_told_to_the_listener() {
    RecordingListener listener = new RecordingListener();
    log().listener(listener);
    log().watch(room).join();
    publish(room, 3, "text", "key").join();
    publish(room, 3, "text", "key").join();
    publish(room, 3, "another", "key").join();
    accepted(room, "last");

    await().atMost(SOON).until(() -> listener.end(room) == 2);
    assertThat(listener.problems()).isEmpty();
  }

  /** Runs {@code task} with 0 … {@code threads - 1}, all released at the same moment. */
  private static <T> List<T> inParallel(int threads, ParallelTask<T> task) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int number = i;
        futures.add(executor.submit(() -> {
          start.await();
          return task.run(number);
        }));
      }
      start.countDown();
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } finally {
      executor.shutdownNow();
    }
  }

  /** What one of several threads does. */
  @FunctionalInterface
  private interface ParallelTask<T> {
    T run(int number) throws Exception;
  }
}

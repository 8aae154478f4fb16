package io.gochat.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An inbox is not a weapon: nobody can push out of it what its owner has not read. On both stores. */
@Timeout(60)
public abstract class InboxContract {
  protected static final Topic INBOX = Topic.inbox(7);
  protected static final Duration LONG = Duration.ofDays(30);
  protected static final long FRIEND = 1;
  protected static final long STRANGER = 2;

  /** Opens an empty store. */
  protected abstract void open(Retention retention) throws Exception;

  protected abstract MessageLog log();

  protected abstract PositionStore positions();

  /** Lets the store tidy up what it does not when something is published. */
  protected void tidy() throws Exception {}

  protected final PublishResult publish(
      long from, String text, @Nullable String key, boolean exempt) {
    return log()
        .publish(new Publication(INBOX, from, "user-" + from, "bob", text, key, exempt))
        .join();
  }

  protected final List<PublishResult> publish(long from, int count) {
    List<CompletableFuture<PublishResult>> results = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Publication publication =
          new Publication(INBOX, from, "user-" + from, "bob", from + "." + i, null);
      results.add(log().publish(publication));
    }
    return results.stream().map(CompletableFuture::join).toList();
  }

  protected static long accepted(List<PublishResult> results) {
    return results.stream().filter(Accepted.class::isInstance).count();
  }

  protected static void assertTooMany(PublishResult result, String detail) {
    assertThat(result).isInstanceOfSatisfying(Refused.class, refused -> {
      assertThat(refused.kind()).isEqualTo(ErrorKind.TOO_MANY);
      assertThat(refused.detail()).contains(detail);
      assertThat(refused.retryAfterMs()).isPositive();
    });
  }

  protected final void acknowledge(long seq) {
    positions().acknowledge(7, "phone", log().epoch(), seq).join();
  }

  protected final long firstSeq() {
    return log().state(INBOX, 0).join().firstSeq();
  }

  @Test
  void a_service_may_send_more_than_a_user() throws Exception {
    open(new Retention(10_000, LONG, 3));

    for (int i = 0; i < 5; i++) {
      assertThat(publish(STRANGER, "invoice " + i, null, true)).isInstanceOf(Accepted.class);
    }
  }

  @Test
  void ten_thousand_messages_of_a_stranger_do_not_push_out_an_unread_one() throws Exception {
    open(Retention.DEFAULT);
    publish(FRIEND, 1);

    List<PublishResult> results = publish(STRANGER, 10_100);
    tidy();

    assertThat(accepted(results)).isEqualTo(10_000);
    assertTooMany(results.get(10_099), "what you sent");
    assertThat(firstSeq()).isEqualTo(1);
    assertThat(accepted(publish(FRIEND, 1))).isEqualTo(1);
  }

  @Test
  void what_was_read_goes_by_its_count() throws Exception {
    open(new Retention(100, LONG));
    publish(FRIEND, 300);
    tidy();
    assertThat(firstSeq()).isEqualTo(1);

    acknowledge(150);
    publish(FRIEND, 1);
    tidy();
    assertThat(firstSeq()).isEqualTo(151);

    acknowledge(301);
    publish(FRIEND, 1);
    tidy();
    assertThat(firstSeq()).isEqualTo(203);
  }

  @Test
  void at_ten_times_the_count_an_inbox_is_full_for_everybody_until_it_is_read() throws Exception {
    open(new Retention(100, LONG));

    List<PublishResult> results = publish(STRANGER, 1_200);

    assertThat(accepted(results)).isEqualTo(1_000);
    assertTooMany(results.get(1_000), "inbox full");
    assertTooMany(publish(FRIEND, 1).get(0), "inbox full");
    assertThat(firstSeq()).isEqualTo(1);
    acknowledge(500);
    assertThat(accepted(publish(FRIEND, 1))).isEqualTo(1);
  }

  @Test
  void a_sender_may_go_on_once_enough_was_read() throws Exception {
    open(new Retention(1_000, LONG, 10));
    assertThat(accepted(publish(STRANGER, 6))).isEqualTo(6);
    assertThat(accepted(publish(FRIEND, 6))).isEqualTo(6);
    List<PublishResult> more = publish(STRANGER, 6);
    assertThat(accepted(more)).isEqualTo(4);

    acknowledge(3);
    assertThat(accepted(publish(STRANGER, 5))).isEqualTo(3);
    acknowledge(log().state(INBOX, 0).join().lastSeq());
    assertThat(accepted(publish(STRANGER, 12))).isEqualTo(10);
  }

  @Test
  void a_sender_may_go_on_when_what_was_read_is_gone_already() throws Exception {
    open(new Retention(20, LONG, 100));
    publish(STRANGER, 100);
    acknowledge(90);
    publish(FRIEND, 1);
    tidy();

    assertThat(accepted(publish(STRANGER, 95))).isGreaterThanOrEqualTo(89);
  }

  @Test
  void a_refused_message_does_not_use_its_client_message_id_up() throws Exception {
    open(new Retention(1_000, LONG, 1));
    publish(STRANGER, 1);

    PublishResult refused = publish(STRANGER, "text", "key", false);
    acknowledge(1);
    PublishResult accepted = publish(STRANGER, "text", "key", false);

    assertTooMany(refused, "what you sent");
    assertThat(accepted)
        .isInstanceOfSatisfying(Accepted.class, a -> assertThat(a.duplicate()).isFalse());
  }

  @Test
  void a_repeat_is_answered_by_a_full_inbox_too() throws Exception {
    open(new Retention(1_000, LONG, 2));
    Accepted first = (Accepted) publish(STRANGER, "text", "key", false);
    publish(STRANGER, 2);

    assertThat(publish(STRANGER, "text", "key", false))
        .isEqualTo(new Accepted(first.messageId(), first.seq(), true));
  }
}

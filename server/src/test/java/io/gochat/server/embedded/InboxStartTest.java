package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.messaging.DeliveryStart;
import io.gochat.server.messaging.DeliveryStart.ClaimedPosition;
import io.gochat.server.messaging.DeliveryStart.Missed;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.Topic;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is looked up before an inbox is delivered. */
@Timeout(60)
class InboxStartTest {
  private static final long USER = 3;
  private static final String DEVICE = "phone";

  @TempDir
  Path scratch;

  private StoreFixture fixture;
  private Counted positions;
  private Messaging messaging;

  @BeforeEach
  void three_messages_of_which_one_is_acknowledged() throws Exception {
    fixture = new StoreFixture(EmbeddedOptions.of(scratch.resolve("data"))).open();
    for (int i = 1; i <= 3; i++) {
      fixture.publish(Topic.inbox(USER), "m" + i, null).join();
    }
    positions = new Counted(fixture.store().positions());
    messaging = new Messaging(fixture.store().log(), positions, 16_384);
    positions.acknowledge(USER, DEVICE, epoch(), 1).join();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void a_position_that_is_recognised_needs_no_acknowledged_one() throws Exception {
    LoggedMessage second = fixture.messages(Topic.inbox(USER)).get(1);

    DeliveryStart start = start(new ClaimedPosition(epoch(), 2, second.messageId()));

    assertThat(start.nextSeq()).isEqualTo(3);
    assertThat(start.recovered()).isTrue();
    assertThat(positions.asked).hasValue(0);
  }

  @Test
  void a_position_of_something_else_goes_back_to_the_acknowledged_one() {
    DeliveryStart start = start(new ClaimedPosition(epoch() + 1, 2, 0));

    assertThat(start.nextSeq()).isEqualTo(2);
    assertThat(start.gap()).isEqualTo(new Missed(0, 1));
    assertThat(positions.asked).hasValue(1);
  }

  @Test
  void without_a_position_the_acknowledged_one_counts() {
    DeliveryStart start = messaging.startInbox(USER, DEVICE, null).join();

    assertThat(start.nextSeq()).isEqualTo(2);
    assertThat(start.recovered()).isTrue();
    assertThat(positions.asked).hasValue(1);
  }

  private DeliveryStart start(ClaimedPosition position) {
    return messaging.startInbox(USER, DEVICE, position).join();
  }

  private long epoch() {
    return fixture.store().log().epoch();
  }

  /** The store's positions, and how often one was asked for. */
  private static final class Counted implements PositionStore {
    private final PositionStore store;
    final AtomicInteger asked = new AtomicInteger();

    Counted(PositionStore store) {
      this.store = store;
    }

    @Override
    public CompletableFuture<Void> acknowledge(long userId, String deviceId, long epoch, long seq) {
      return store.acknowledge(userId, deviceId, epoch, seq);
    }

    @Override
    public CompletableFuture<AcknowledgedPosition> acknowledged(long userId, String deviceId) {
      asked.incrementAndGet();
      return store.acknowledged(userId, deviceId);
    }
  }
}

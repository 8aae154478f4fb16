package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.contract.InboxContract;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InboxTest extends InboxContract {
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init") // each test begins with opening it
  private StoreFixture fixture;

  @Override
  protected void open(Retention retention) throws StoreOpenException {
    EmbeddedOptions options =
        EmbeddedOptions.of(directory).withDurability(Durability.ASYNC).withRetention(retention);
    fixture = new StoreFixture(options).open();
  }

  @Override
  protected MessageLog log() {
    return fixture.store().log();
  }

  @Override
  protected PositionStore positions() {
    return fixture.store().positions();
  }

  @Override
  protected void tidy() throws Exception {
    for (int tick = 0; tick < 5; tick++) {
      fixture.store().upkeep().tick();
    }
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void what_was_acknowledged_before_a_restart_counts() throws Exception {
    open(new Retention(100, LONG));
    publish(FRIEND, 300);
    acknowledge(150);
    fixture.reopen();

    tidy();

    assertThat(firstSeq()).isEqualTo(151);
  }

  @Test
  void after_a_week_unread_messages_go_by_their_count_too() throws Exception {
    open(new Retention(100, LONG));
    publish(FRIEND, 150);
    fixture.clock.advance(Duration.ofDays(6));
    publish(FRIEND, 100);
    tidy();
    assertThat(firstSeq()).isEqualTo(1);

    fixture.clock.advance(Duration.ofHours(25));
    publish(FRIEND, 1);
    tidy();

    // Those of the first day are over a week old, and 101 are younger.
    assertThat(firstSeq()).isEqualTo(151);
  }

  @Test
  void a_lower_count_applies_to_topics_that_nobody_writes_to() throws Exception {
    Topic room = Topic.room(9);
    open(new Retention(1_000, LONG));
    for (int i = 0; i < 500; i++) {
      fixture.publish(room, "m" + i, null).join();
    }
    fixture.options(EmbeddedOptions.of(directory).withRetention(new Retention(100, LONG)));
    fixture.reopen();

    tidy();

    assertThat(fixture.firstSeq(room)).isEqualTo(401);
  }
}

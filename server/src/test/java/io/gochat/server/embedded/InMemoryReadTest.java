package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Look-ups that need no disk are done when they return; all others come to the same. */
@Timeout(60)
class InMemoryReadTest {
  private static final Session SESSION = new Session("ab", 1, "Alice", 99);

  @TempDir
  Path directory;

  @Test
  void what_is_in_memory_is_found_at_once_and_so_is_what_is_not_there() throws Exception {
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      fixture.store().sessions().save(SESSION).join();

      CompletableFuture<Optional<Session>> known = fixture.store().sessions().find("ab");
      CompletableFuture<Optional<Session>> unknown = fixture.store().sessions().find("cd");

      assertThat(known).isCompletedWithValue(Optional.of(SESSION));
      assertThat(unknown).isCompletedWithValue(Optional.empty());
      assertThat(fixture.store().log().state(Topic.inbox(7), 0)).isDone();
      assertThat(fixture.store().positions().acknowledged(7, "")).isDone();
    }
  }

  @Test
  void what_is_on_the_disk_alone_is_found_too() throws Exception {
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      fixture.store().sessions().save(SESSION).join();
      for (int i = 0; i < 100; i++) {
        fixture.accepted("m" + i);
      }
      fixture.reopen();

      assertThat(fixture.store().sessions().find("ab"))
          .succeedsWithin(Duration.ofSeconds(20))
          .isEqualTo(Optional.of(SESSION));
      assertThat(fixture.lastSeq(ROOM)).isEqualTo(100);
      assertThat(fixture.store().log().state(ROOM, 50).join().probedMessageId()).isPositive();
    }
  }

  @Test
  void a_look_up_that_takes_many_steps_comes_to_the_same() throws Exception {
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      Topic inbox = Topic.inbox(7);
      for (int i = 0; i < 100; i++) {
        fixture.publish(inbox, "m" + i, null).join();
      }
      long epoch = fixture.store().log().epoch();
      for (int device = 1; device <= 100; device++) {
        fixture.store().positions().acknowledge(7, "d" + device, epoch, device).join();
      }

      assertThat(fixture.store().positions().acknowledged(7, "").join().seq()).isEqualTo(100);
    }
  }

  @Test
  void a_closed_store_says_so() throws Exception {
    StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open();
    EmbeddedStore store = fixture.store();
    fixture.close();

    assertThat(store.sessions().find("ab"))
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(StoreUnavailableException.class);
  }
}

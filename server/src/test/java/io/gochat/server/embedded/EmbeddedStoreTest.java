package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.protocol.Message;
import io.gochat.server.clock.ManualClock;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EmbeddedStoreTest {
  private static final Topic ROOM = Topic.room(7);

  private final ManualClock clock = new ManualClock();

  @TempDir
  Path directory;

  private EmbeddedStore open() throws StoreOpenException {
    return EmbeddedStore.open(
        EmbeddedOptions.of(directory), clock.guarded(), new SimpleMeterRegistry());
  }

  private static Publication publication(String text) {
    return new Publication(ROOM, 3, "alice", "", text, null);
  }

  @Test
  void everything_is_found_again_after_a_clean_stop() throws Exception {
    long epoch;
    long messageId;
    try (EmbeddedStore store = open()) {
      epoch = store.log().epoch();
      Accepted accepted = (Accepted) store.log().publish(publication("hello")).join();
      messageId = accepted.messageId();
      store.accounts().create("Alice", "alice", "hash").join();
      store.sessions().save(new Session("ab", 1, "Alice", 99)).join();
      store.positions().acknowledge(1, "phone", epoch, 4).join();
    }

    try (EmbeddedStore store = open()) {
      LogSlice slice = store.log().read(ROOM, 1, 10, 1 << 20).join();

      assertThat(store.log().epoch()).isEqualTo(epoch);
      assertThat(slice.messages()).extracting(LoggedMessage::messageId).containsExactly(messageId);
      assertThat(store.accounts().findByKey("alice").join()).hasValueSatisfying(account -> {
        assertThat(account.userId()).isEqualTo(1);
        assertThat(account.username()).isEqualTo("Alice");
        assertThat(account.passwordHash()).isEqualTo("hash");
      });
      assertThat(store.sessions().find("ab").join()).contains(new Session("ab", 1, "Alice", 99));
      assertThat(store.positions().acknowledged(1, "phone").join().seq()).isEqualTo(4);
      assertThat(store.isReady()).isTrue();
    }
  }

  @Test
  void a_logged_message_is_the_wire_message() throws Exception {
    try (EmbeddedStore store = open()) {
      Publication publication =
          new Publication(Topic.inbox(9), 3, "älice", "bob", "grüße 👋", "key");

      Accepted accepted = (Accepted) store.log().publish(publication).join();
      LoggedMessage logged =
          store.log().read(Topic.inbox(9), 1, 1, 1 << 20).join().messages().get(0);

      assertThat(Message.parseFrom(logged.bytes()))
          .isEqualTo(Message.newBuilder()
              .setMessageId(accepted.messageId())
              .setTopic(io.gochat.protocol.Topic.newBuilder().setUserId(9))
              .setSeq(1)
              .setFromUserId(3)
              .setFromUserName("älice")
              .setToUserName("bob")
              .setText("grüße 👋")
              .setCreatedAtMs(clock.millis())
              .setToUserId(9)
              .build());
    }
  }

  @Test
  void a_directory_in_use_is_refused() throws Exception {
    try (EmbeddedStore store = open()) {
      assertThat(store.isReady()).isTrue();

      assertThatThrownBy(this::open)
          .isInstanceOf(StoreOpenException.class)
          .hasMessageContaining("in use by another process");
    }
  }

  @Test
  void a_directory_of_a_newer_version_is_refused() throws Exception {
    open().close();
    Files.writeString(directory.resolve("gochat.format"), "1000\n");

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining("written by a newer version");
  }
}

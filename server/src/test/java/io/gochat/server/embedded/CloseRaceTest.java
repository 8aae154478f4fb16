package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committer's last moments, with the real committer: its door alone is raced by {@code WriteQueueStress}. */
class CloseRaceTest {
  private static final int ROUNDS = 25;
  private static final int BEFORE_CLOSING = 50;
  private static final int AFTER_CLOSING = 50;

  @TempDir
  private Path directory;

  @Test
  void every_publish_that_meets_the_closing_store_is_answered() throws Exception {
    long accepted = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<CompletableFuture<PublishResult>> answers = publishWhileClosing();

      CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
      accepted +=
          answers.stream().filter(answer -> answer.join() instanceof Accepted).count();
    }

    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      assertThat(fixture.lastSeq(ROOM)).as("what was accepted is there").isEqualTo(accepted);
    }
  }

  private List<CompletableFuture<PublishResult>> publishWhileClosing() throws Exception {
    StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open();
    EmbeddedStore store = fixture.store();
    List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
    CountDownLatch begun = new CountDownLatch(BEFORE_CLOSING);
    Thread publisher = new Thread(() -> {
      int refused = 0;
      while (refused < AFTER_CLOSING) {
        CompletableFuture<PublishResult> answer =
            store.log().publish(new Publication(ROOM, 3, "alice", "", "text", null));
        answers.add(answer);
        begun.countDown();
        refused += isClosed(answer) ? 1 : 0;
      }
    });
    publisher.start();
    begun.await();
    fixture.close();
    publisher.join();
    return answers;
  }

  private static boolean isClosed(CompletableFuture<PublishResult> answer) {
    return answer.isDone()
        && answer.join() instanceof Refused refused
        && refused.kind() == ErrorKind.STORE_UNAVAILABLE;
  }
}

package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GatherTest {
  private final WriteQueue queue = new WriteQueue(1_000_000, 1L << 38);

  private static Write write(int number) {
    return new PublishWrite(new Publication(ROOM, 1, "alice", "", "m" + number, null));
  }

  private static List<Write> all(Write oldest) {
    List<Write> all = new ArrayList<>();
    for (Write write = oldest; write != null; write = write.next) {
      all.add(write);
    }
    return all;
  }

  @Test
  void a_publisher_alone_never_waits() {
    Gather gather = new Gather(Duration.ofDays(1));
    Write first = write(1);
    gather.committed(1);

    assertThat(gather.more(first, queue)).isSameAs(first);
  }

  @Test
  void it_is_off_by_default() {
    Gather gather = new Gather(EmbeddedOptions.of(Path.of("data")).gather());
    Write first = write(1);
    gather.committed(100);

    assertThat(gather.more(first, queue)).isSameAs(first);
  }

  @Test
  void what_comes_while_several_are_at_work_shares_the_commit_in_order() throws Exception {
    Gather gather = new Gather(Duration.ofMillis(100));
    Write first = write(0);
    List<Write> sent = new ArrayList<>(List.of(first));
    AtomicBoolean over = new AtomicBoolean();
    Thread publisher = new Thread(() -> {
      for (int i = 1; !over.get() && i < 100_000; i++) {
        Write next = write(i);
        sent.add(next);
        queue.offer(next);
      }
    });
    gather.committed(2);

    publisher.start();
    await().atMost(Duration.ofSeconds(30)).until(() -> queue.size() > 1);
    List<Write> together = all(gather.more(first, queue));
    over.set(true);
    publisher.join();

    assertThat(together).hasSizeGreaterThan(1).isEqualTo(sent.subList(0, together.size()));
  }

  @Test
  void when_nothing_comes_it_goes_on_with_what_there_is() {
    Gather gather = new Gather(Duration.ofMillis(2));
    Write first = write(1);
    gather.committed(2);

    assertThat(all(gather.more(first, queue))).containsExactly(first);
  }

  @Test
  void a_store_that_gathers_answers_everybody_in_order(@TempDir Path directory) throws Exception {
    EmbeddedOptions options = EmbeddedOptions.of(directory).withGather(Duration.ofMillis(4));
    try (StoreFixture fixture = new StoreFixture(options).open()) {
      List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        answers.add(fixture.publish(ROOM, "m" + i, null));
        if (i % 50 == 0) {
          answers.get(i).join();
        }
      }

      for (int i = 0; i < answers.size(); i++) {
        assertThat(((Accepted) answers.get(i).join()).seq()).isEqualTo(i + 1);
      }
    }
  }
}

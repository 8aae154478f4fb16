package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.Failure;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RowWriteTest {
  private final RowWrite<String> write = new RowWrite<>(commit -> "done");

  @Test
  void a_full_queue_is_an_overload_because_nothing_was_begun() {
    write.refused("the store's queue is full", 1_000);

    assertThat(meaning(write.result())).isEqualTo(ErrorKind.OVERLOADED);
  }

  @Test
  void a_failed_commit_has_an_unknown_outcome() {
    write.failed();

    assertThat(meaning(write.result())).isEqualTo(ErrorKind.STORE_UNAVAILABLE);
  }

  private static ErrorKind meaning(CompletableFuture<?> failed) {
    return failed.handle((value, thrown) -> Failure.of(thrown).kind()).join();
  }
}

package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.config.NetworkConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class OpenFilesTest {
  private static final OpenFiles FILES = new OpenFiles(20_000, 100);

  @Test
  void connections_have_what_the_process_itself_does_not_need() {
    assertThat(FILES.room()).isEqualTo(20_000 - 100 - OpenFiles.RESERVED);
    assertThat(new OpenFiles(256, 100).room()).isZero();
  }

  @Test
  void a_limit_below_what_was_asked_for_is_told() {
    assertThat(FILES.warning(50_000))
        .hasValueSatisfying(sentence ->
            assertThat(sentence).contains("limit of 20000", "room for 19388 connections"));
    assertThat(FILES.warning(19_388)).isEmpty();
    assertThat(FILES.warning(0)).isEmpty();
  }

  @Test
  void without_the_flag_only_a_low_limit_is_told() {
    assertThat(FILES.warning(NetworkConfig.DEFAULT_MAX_CONNECTIONS)).isEmpty();
    assertThat(new OpenFiles(4_096, 100).warning(NetworkConfig.DEFAULT_MAX_CONNECTIONS))
        .isPresent();
  }

  @Test
  void the_gauge_shows_the_smaller_of_the_two() {
    SimpleMeterRegistry low = new SimpleMeterRegistry();
    SimpleMeterRegistry high = new SimpleMeterRegistry();
    SimpleMeterRegistry none = new SimpleMeterRegistry();

    FILES.bindTo(low, 1_000);
    FILES.bindTo(high, 100_000);
    FILES.bindTo(none, 0);

    assertThat(low.get("gochat.connections.allowed").gauge().value()).isEqualTo(1_000);
    assertThat(high.get("gochat.connections.allowed").gauge().value()).isEqualTo(19_388);
    assertThat(none.get("gochat.connections.allowed").gauge().value()).isEqualTo(19_388);
  }

  @Test
  void this_process_has_a_limit() {
    assertThat(OpenFiles.now())
        .hasValueSatisfying(files -> assertThat(files.limit()).isGreaterThan(files.open()));
  }
}

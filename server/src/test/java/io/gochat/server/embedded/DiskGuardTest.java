package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class DiskGuardTest {
  private static final int STAYS = 100_000;

  private final Logger logger = (Logger) LoggerFactory.getLogger(DiskGuard.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @TempDir
  private Path directory;

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  @Test
  void a_full_disk_is_told_once_and_once_that_it_is_not() {
    DiskGuard guard = new DiskGuard(directory, StoreBounds.DEFAULT.withMinFreeBytes(1L << 62));

    guard.measure();
    guard.measure();
    guard.measure();
    assertThat(guard.isFull()).isTrue();
    guard.bound(0, 0);
    guard.measure();
    guard.measure();

    assertThat(guard.isFull()).isFalse();
    assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
        .satisfiesExactly(
            full -> assertThat(full).startsWith("publishes are refused until there is room"),
            room -> assertThat(room).startsWith("publishes are accepted again"));
  }

  @Test
  void a_disk_that_the_committer_finds_full_is_told_too() throws IOException {
    Files.write(directory.resolve("log"), new byte[STAYS]);
    DiskGuard guard =
        new DiskGuard(directory, StoreBounds.DEFAULT.withMaxDiskBytes(150_000).withMinFreeBytes(0));
    guard.measure();

    guard.wrote(60_000);
    assertThat(guard.isFull()).isTrue();
    Files.write(directory.resolve("more"), new byte[60_000]);
    guard.measure();

    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.get(0).getFormattedMessage()).startsWith("publishes are refused");
  }

  @Test
  void a_directory_that_is_gone_is_told_once_a_minute_not_at_each_look() throws IOException {
    Path gone = Files.createDirectory(directory.resolve("gone"));
    DiskGuard guard = new DiskGuard(gone, StoreBounds.DEFAULT.withMinFreeBytes(0));
    Files.delete(gone);

    for (int i = 0; i < 10; i++) {
      guard.measure();
    }

    assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
        .satisfiesExactlyInAnyOrder(
            size -> assertThat(size).startsWith("the size of " + gone),
            free -> assertThat(free)
                .startsWith("the free space of " + gone + " cannot be measured")
                .contains("NoSuchFile"));
    assertThat(guard.isFull()).isFalse();
  }

  @Test
  void files_that_vanish_while_they_are_counted_take_no_size_along() throws Exception {
    Files.write(directory.resolve("stays"), new byte[STAYS]);
    DiskGuard guard = new DiskGuard(directory, StoreBounds.DEFAULT.withMinFreeBytes(0));
    AtomicBoolean over = new AtomicBoolean();
    Thread churn = new Thread(() -> churn(over));
    churn.start();
    try {
      for (int i = 0; i < 300; i++) {
        guard.measure();

        assertThat(guard.usedBytes()).isGreaterThanOrEqualTo(STAYS);
      }
    } finally {
      over.set(true);
      churn.join();
    }

    assertThat(lines.list).as("what vanished is no reason for a word").isEmpty();
  }

  /** As a compaction does: files come and go, all the time. */
  private void churn(AtomicBoolean over) {
    try {
      while (!over.get()) {
        Path inner = Files.createDirectories(directory.resolve("inner"));
        for (int i = 0; i < 20; i++) {
          Files.createFile(inner.resolve("f" + i));
        }
        for (int i = 0; i < 20; i++) {
          Files.delete(inner.resolve("f" + i));
        }
        Files.delete(inner);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreBackupsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir
  private Path directory;

  @Test
  void a_backup_for_which_there_is_no_thread_fails_and_the_next_one_is_made() {
    List<Path> copies = new CopyOnWriteArrayList<>();
    Threads threads = new Threads();
    StoreBackups backups = new StoreBackups(
        Optional.of(directory), Optional.of(copies::add), InstantSource.system(), threads::make);

    threads.areLacking = true;
    assertThat(backups.make())
        .failsWithin(SOON)
        .withThrowableThat()
        .withCauseInstanceOf(OutOfMemoryError.class);
    threads.areLacking = false;

    assertThat(backups.make()).succeedsWithin(SOON);
    assertThat(copies).hasSize(1);
  }

  private static final class Threads {
    boolean areLacking;

    Thread make(Runnable task) {
      return areLacking
          ? new Thread(task) {
            @Override
            public synchronized void start() {
              throw new OutOfMemoryError("unable to create native thread, for the test");
            }
          }
          : new Thread(task);
    }
  }
}

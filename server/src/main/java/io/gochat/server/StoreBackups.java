package io.gochat.server;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.admin.Backups;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies of the store under one directory, each in a directory named by its time. Thread-safe. */
final class StoreBackups implements Backups {
  private static final Logger log = LoggerFactory.getLogger(StoreBackups.class);
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Optional<Path> directory;
  private final Optional<Store.Copy> copy;
  private final InstantSource clock;
  private final ThreadFactory threads;
  private final AtomicBoolean underWay = new AtomicBoolean();

  /**
   * Copies with {@code copy}, where the store can be copied.
   *
   * @param directory where to; empty: nowhere
   * @param threads each backup has its own
   */
  StoreBackups(
      Optional<Path> directory,
      Optional<Store.Copy> copy,
      InstantSource clock,
      ThreadFactory threads) {
    this.directory = directory;
    this.copy = copy;
    this.clock = clock;
    this.threads = threads;
  }

  @Override
  public CompletableFuture<String> make() {
    if (copy.isEmpty()) {
      return refused("this node keeps everything in Redis: back that up");
    }
    if (directory.isEmpty()) {
      return refused("the server was started without --backup-dir");
    }
    if (!underWay.compareAndSet(false, true)) {
      return refused("a backup is under way");
    }
    CompletableFuture<String> made = new CompletableFuture<>();
    Path parent = directory.get();
    Store.Copy how = copy.get();
    try {
      Thread thread = threads.newThread(() -> copy(parent, how, made));
      thread.setName("gochat-backup");
      thread.setDaemon(true);
      thread.start();
    } catch (Error e) {
      underWay.set(false);
      made.completeExceptionally(e);
    }
    return made;
  }

  private void copy(Path parent, Store.Copy how, CompletableFuture<String> made) {
    String name = NAME.format(clock.instant());
    try {
      how.to(parent.resolve(name));
      log.info("backup in {}", parent.resolve(name));
      made.complete(name);
    } catch (IOException | RuntimeException | Error e) {
      log.error("the backup in {} failed", parent.resolve(name), e);
      made.completeExceptionally(
          new RefusedException(ErrorKind.OVERLOADED, "the backup failed; the log says why"));
    } finally {
      underWay.set(false);
    }
  }

  private static CompletableFuture<String> refused(String sentence) {
    return CompletableFuture.failedFuture(
        new RefusedException(ErrorKind.INVALID_ARGUMENT, sentence));
  }
}

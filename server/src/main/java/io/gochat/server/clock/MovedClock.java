package io.gochat.server.clock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machine's clock, wrong by as many milliseconds as a file says: what tests and {@code verify} move. Thread-safe; it
 * reads the file again while it runs, which nobody who is in a hurry should do.
 */
final class MovedClock implements InstantSource {
  /** The system property that names the file. */
  static final String PROPERTY = "gochat.clock.file";

  private static final Logger log = LoggerFactory.getLogger(MovedClock.class);
  private static final long READ_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Path file;
  private final AtomicLong readAtNanos = new AtomicLong(System.nanoTime() - READ_EVERY_NANOS);
  private volatile long offsetMs;

  MovedClock(Path file) {
    this.file = file;
  }

  @Override
  public Instant instant() {
    long nowNanos = System.nanoTime();
    long lastNanos = readAtNanos.get();
    if (nowNanos - lastNanos >= READ_EVERY_NANOS
        && readAtNanos.compareAndSet(lastNanos, nowNanos)) {
      offsetMs = read();
    }
    return Instant.now().plusMillis(offsetMs);
  }

  /** What is not there, or half written, leaves the clock as it is. */
  private long read() {
    try {
      String text = Files.readString(file).strip();
      return text.isEmpty() ? offsetMs : Long.parseLong(text);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException | NumberFormatException e) {
      log.warn("{} says nothing of how far to move the clock: {}", file, e.toString());
      return offsetMs;
    }
  }
}

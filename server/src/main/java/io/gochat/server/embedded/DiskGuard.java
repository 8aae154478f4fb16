package io.gochat.server.embedded;

import io.gochat.server.bounds.Warnings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses publishes before the disk is full. Thread-safe: {@link #isFull} is read by everybody, {@link #measure} is
 * called by the upkeep thread, {@link #wrote} by the committer.
 */
final class DiskGuard {
  static final int RETRY_AFTER_MS = 5_000;

  private static final Logger log = LoggerFactory.getLogger(DiskGuard.class);

  private final Path directory;
  private final Warnings warnings = new Warnings(log);
  private volatile StoreBounds bounds;
  private volatile boolean full;
  private boolean toldFull; // upkeep thread
  private volatile long usedBytes;
  private volatile long freeBytes;
  /** Written since the last measurement; approximate, it only has to notice a burst between two of them. */
  private long writtenBytes; // guarded by this

  DiskGuard(Path directory, StoreBounds bounds) {
    this.directory = directory;
    this.bounds = bounds;
  }

  /** Other bounds from the next measurement on. Any thread. */
  void bound(long maxDiskBytes, long minFreeBytes) {
    bounds = bounds.withMaxDiskBytes(maxDiskBytes).withMinFreeBytes(minFreeBytes);
  }

  /** Shows what it measures. */
  void bindTo(MeterRegistry meters) {
    gauge(meters, "gochat.store.disk", DiskGuard::usedBytes, "Size of the data directory");
    gauge(
        meters,
        "gochat.store.disk.limit",
        guard -> guard.bounds.maxDiskBytes(),
        "Size of the data directory at which publishes are refused (--max-disk); 0: no limit");
    gauge(
        meters,
        "gochat.store.disk.free",
        guard -> guard.freeBytes,
        "What the file system of the data directory has left");
    gauge(
        meters,
        "gochat.store.disk.free.least",
        guard -> guard.bounds.minFreeBytes(),
        "Below so much of it publishes are refused (--min-free-disk)");
  }

  private void gauge(
      MeterRegistry meters, String name, ToDoubleFunction<DiskGuard> figure, String help) {
    Gauge.builder(name, this, figure).description(help).baseUnit("bytes").register(meters);
  }

  /** Whether publishes are refused. */
  boolean isFull() {
    return full;
  }

  /** Size of the directory when it was last measured. */
  long usedBytes() {
    return usedBytes;
  }

  /** Looks at the directory and its file system; what refused at a bound accepts again a twentieth below it. */
  void measure() {
    long countedBytes = written();
    long used = size();
    measured(used, countedBytes);
    long free;
    try {
      free = Files.getFileStore(directory).getUsableSpace();
    } catch (IOException e) {
      warnings.warn("free", "the free space of " + directory + " cannot be measured", e);
      free = Long.MAX_VALUE;
    }
    freeBytes = free;
    boolean wasFull = full;
    long maxDisk = bounds.maxDiskBytes();
    long minFree = bounds.minFreeBytes();
    full = wasFull
        ? (maxDisk > 0 && used > maxDisk - maxDisk / 20) || free < minFree + minFree / 20
        : (maxDisk > 0 && used >= maxDisk) || free < minFree;
    if (full != toldFull) { // the committer may have noticed before us
      toldFull = full;
      log.warn(
          "publishes are {}: {} bytes used in {}, {} bytes free",
          full ? "refused until there is room" : "accepted again",
          used,
          directory,
          free);
    }
  }

  private synchronized long written() {
    return writtenBytes;
  }

  private synchronized void measured(long used, long countedBytes) {
    usedBytes = used;
    writtenBytes -= countedBytes;
  }

  /** So much was written just now. Committer thread. */
  synchronized void wrote(long bytes) {
    writtenBytes += bytes;
    if (bounds.maxDiskBytes() > 0 && usedBytes + writtenBytes >= bounds.maxDiskBytes()) {
      full = true;
    }
  }

  private long size() {
    try {
      return PrivateFiles.size(directory) - NativeLibrary.size(directory);
    } catch (IOException e) {
      warnings.warn("size", "the size of " + directory + " cannot be measured", e);
      return usedBytes;
    }
  }
}

package io.gochat.server.embedded;

/**
 * What the store may use before it refuses. Immutable.
 *
 * @param queuedWrites writes waiting for their commit
 * @param queuedBytes bytes of those writes
 * @param maxDiskBytes size of the directory; 0: only the disk itself bounds it
 * @param minFreeBytes what must stay free on the file system
 * @param queuedReads reads waiting for a thread
 * @param memoryBytes the database's cache and write buffers, a third and two thirds of it
 */
public record StoreBounds(
    int queuedWrites,
    long queuedBytes,
    long maxDiskBytes,
    long minFreeBytes,
    int queuedReads,
    long memoryBytes) {
  /** 65,536 writes, 64 MB; 256 MB of the disk stay free; 192 MB of memory. */
  public static final StoreBounds DEFAULT =
      new StoreBounds(65_536, 64L << 20, 0, 256L << 20, 65_536, 192L << 20);

  public StoreBounds {
    if (queuedWrites < 1 || queuedWrites >= 1 << 22 || queuedBytes < 1 || queuedReads < 1) {
      throw new IllegalArgumentException("queue bounds out of range");
    }
    if (maxDiskBytes < 0 || minFreeBytes < 0) {
      throw new IllegalArgumentException("disk bounds must not be negative");
    }
    if (memoryBytes < 1 << 20) {
      throw new IllegalArgumentException("the database needs memory");
    }
  }

  /** With another bound on the directory. */
  public StoreBounds withMaxDiskBytes(long bytes) {
    return new StoreBounds(
        queuedWrites, queuedBytes, bytes, minFreeBytes, queuedReads, memoryBytes);
  }

  /** With another bound on the free space of the file system. */
  public StoreBounds withMinFreeBytes(long bytes) {
    return new StoreBounds(
        queuedWrites, queuedBytes, maxDiskBytes, bytes, queuedReads, memoryBytes);
  }

  /** With another bound on what waits for its commit. */
  public StoreBounds withQueue(int writes, long bytes) {
    return new StoreBounds(writes, bytes, maxDiskBytes, minFreeBytes, queuedReads, memoryBytes);
  }

  /** With other memory for the database. */
  public StoreBounds withMemoryBytes(long bytes) {
    return new StoreBounds(
        queuedWrites, queuedBytes, maxDiskBytes, minFreeBytes, queuedReads, bytes);
  }

  /** The cache of blocks that were read. */
  long cacheBytes() {
    return memoryBytes / 3;
  }

  /** The write buffers, and with them the write-ahead log. */
  long writeBufferBytes() {
    return memoryBytes / 3 * 2;
  }
}

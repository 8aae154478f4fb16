package io.gochat.server.config;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about memory that all connections share. Filled by picocli, then read once. */
final class MemoryFlags {
  private static final long MB = 1 << 20;

  @Option(
      names = "--out-budget",
      paramLabel = "SIZE",
      converter = Quantity.OfBytes.class,
      description = "Answers that no client has taken yet, for all connections together; beyond it"
          + " reads are refused. 64MB, or less where that does not fit the memory.")
  private @Nullable Long outBudget;

  @Option(
      names = "--replay-budget",
      paramLabel = "SIZE",
      converter = Quantity.OfBytes.class,
      description = "Parts of the log that are lent to clients which catch up. 32MB, or what fits.")
  private @Nullable Long replayBudget;

  @Option(
      names = "--in-budget",
      paramLabel = "SIZE",
      converter = Quantity.OfBytes.class,
      description =
          "Requests and frames that are not answered yet, beyond their first 4KB. 64MB, or what fits.")
  private @Nullable Long inBudget;

  @Option(
      names = "--fanout-memory",
      paramLabel = "SIZE",
      converter = Quantity.OfBytes.class,
      description =
          "Messages held in memory for sending, per event loop; who lags further reads the"
              + " log. 64MB, or what fits.")
  private @Nullable Long fanOutMemory;

  @Option(
      names = "--hand-over-memory",
      paramLabel = "SIZE",
      converter = Quantity.OfBytes.class,
      description = "Messages on their way to an event loop, per event loop. 8MB, or what fits.")
  private @Nullable Long handOver;

  @Option(
      names = "--write-queue",
      paramLabel = "SIZE",
      converter = Quantity.OfBytes.class,
      description = "Publishes that wait for their commit. 64MB, or what fits.")
  private @Nullable Long writeQueue;

  @Option(
      names = "--store-memory",
      paramLabel = "SIZE",
      converter = Quantity.OfBytes.class,
      description =
          "Cache and write buffers of the embedded store, outside the JVM's heap. 192MB, or what fits.")
  private @Nullable Long storeMemory;

  MemoryConfig config() {
    return new MemoryConfig(
        checked("--out-budget", outBudget, MB),
        checked("--replay-budget", replayBudget, MB),
        checked("--in-budget", inBudget, MB),
        checked("--fanout-memory", fanOutMemory, MB),
        checked("--hand-over-memory", handOver, MB / 4),
        checked("--write-queue", writeQueue, MB),
        checked("--store-memory", storeMemory, 8 * MB));
  }

  private static OptionalLong checked(String flag, @Nullable Long value, long least) {
    return value == null
        ? OptionalLong.empty()
        : OptionalLong.of(Check.atLeast(flag, value, least));
  }
}

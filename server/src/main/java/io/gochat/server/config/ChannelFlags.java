package io.gochat.server.config;

import io.gochat.protocol.Limits;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The flags about connections, messages and rooms. Filled by picocli, then read once. */
final class ChannelFlags {
  /** What a publish may carry beside its text: ids, the topic, a client message id of 64 characters. */
  static final int FRAME_OVERHEAD_BYTES = 512;

  // A message goes out again with two names, ids and times around it.
  private static final int MAX_FRAME_BYTES = Limits.MAX_OUTBOUND_FRAME_BYTES - 4_096;

  @Option(
      names = "--max-connections-per-user",
      paramLabel = "N",
      defaultValue = "0",
      description = "Frame connections of one user, on each node by itself. 0: no limit.")
  private int maxConnectionsPerUser;

  @Option(
      names = "--max-text-bytes",
      paramLabel = "SIZE",
      defaultValue = "16384",
      converter = Quantity.OfBytes.class,
      description = "Longest message text, in bytes of UTF-8.")
  private long maxTextBytes;

  @Option(
      names = "--max-frame-bytes",
      paramLabel = "SIZE",
      defaultValue = "65536",
      converter = Quantity.OfBytes.class,
      description = "Longest frame from a client.")
  private long maxFrameBytes;

  @Option(
      names = "--heartbeat",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = Quantity.OfTime.class,
      description =
          "Clients say something at least so often; 2.5 times that in silence ends a connection.")
  private Duration heartbeat = Duration.ZERO;

  @Option(
      names = "--max-rooms-per-connection",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Rooms that one connection may be in.")
  private int maxRoomsPerConnection;

  @Option(
      names = "--slow-consumer-timeout",
      paramLabel = "TIME",
      defaultValue = "2m",
      converter = Quantity.OfTime.class,
      description = "A connection that takes nothing for so long is closed. 0: never.")
  private Duration slowConsumerTimeout = Duration.ZERO;

  ChannelConfig config() {
    int text =
        Check.range("--max-text-bytes", maxTextBytes, 1, MAX_FRAME_BYTES - FRAME_OVERHEAD_BYTES);
    int frame = Check.range("--max-frame-bytes", maxFrameBytes, 1_024, MAX_FRAME_BYTES);
    if (text + FRAME_OVERHEAD_BYTES > frame) {
      throw new ConfigException("--max-text-bytes=" + text + " does not fit --max-frame-bytes="
          + frame + ": a frame needs " + FRAME_OVERHEAD_BYTES + " bytes beside the text.");
    }
    return new ChannelConfig(
        Check.range("--max-connections-per-user", maxConnectionsPerUser, 0, Integer.MAX_VALUE),
        text,
        frame,
        heartbeat(),
        Check.range("--max-rooms-per-connection", maxRoomsPerConnection, 1, 1_000_000),
        slowConsumerTimeout);
  }

  private Duration heartbeat() {
    if (heartbeat.compareTo(Duration.ofDays(1)) > 0) {
      throw new ConfigException("--heartbeat must be at most 24h.");
    }
    return Check.atLeast("--heartbeat", heartbeat, Duration.ofMillis(100));
  }
}

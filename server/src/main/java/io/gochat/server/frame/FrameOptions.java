package io.gochat.server.frame;

import io.gochat.protocol.Limits;
import java.time.Duration;

/**
 * What can be set about the frame channel. Immutable.
 *
 * @param node this node's name, told in {@code Welcome}
 * @param bounds sizes and numbers
 * @param times deadlines and intervals
 */
public record FrameOptions(String node, Bounds bounds, Times times) {
  /** What a publish takes of its frame beside the text: ids, lengths, a {@code client_message_id} of four-byte characters. */
  public static final int PUBLISH_OVERHEAD_BYTES = 512;

  private static final int MIN_FRAME_BYTES = 1_024;

  // A message comes back with two names, ids and times around it.
  private static final int MAX_FRAME_BYTES = Limits.MAX_OUTBOUND_FRAME_BYTES - 4_096;

  /**
   * Sizes and numbers, of one connection.
   *
   * @param maxFrameBytes longest payload from a client
   * @param maxRooms most rooms joined at once
   * @param maxUnanswered most commands that wait for the store; beyond it the connection is not read
   */
  public record Bounds(int maxFrameBytes, int maxRooms, int maxUnanswered) {
    public Bounds {
      if (maxFrameBytes < MIN_FRAME_BYTES || maxFrameBytes > MAX_FRAME_BYTES) {
        throw new IllegalArgumentException(
            "max frame bytes: " + MIN_FRAME_BYTES + " to " + MAX_FRAME_BYTES);
      }
      if (maxRooms < 0 || maxUnanswered < 1) {
        throw new IllegalArgumentException("max rooms or max unanswered commands out of range");
      }
    }
  }

  /**
   * Deadlines and intervals.
   *
   * @param heartbeat after this much silence the client pings; after 2.5 times as much the server closes
   * @param hello how long a new connection may take to say {@code Hello}, and then the store to find its answer
   * @param slowConsumer a connection that takes none of its answers for this long is closed; zero: never
   * @param keepAlive how often an open connection slides its session's expiry
   * @param drainSpread over which time clients are told to come back when the server stops
   */
  public record Times(
      Duration heartbeat,
      Duration hello,
      Duration slowConsumer,
      Duration keepAlive,
      Duration drainSpread) {
    public Times {
      if (heartbeat.toMillis() < 1 || heartbeat.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException("heartbeat: 1 ms to 1 day");
      }
    }

    /** The same with another heartbeat. */
    public Times withHeartbeat(Duration other) {
      return new Times(other, hello, slowConsumer, keepAlive, drainSpread);
    }

    /** The same with another interval of session upkeep. */
    public Times withKeepAlive(Duration other) {
      return new Times(heartbeat, hello, slowConsumer, other, drainSpread);
    }

    /** The same with another deadline for consumers that do not read. */
    public Times withSlowConsumer(Duration other) {
      return new Times(heartbeat, hello, other, keepAlive, drainSpread);
    }
  }

  /** The defaults: 64 KB frames, 1,000 rooms, 64 unanswered commands, 30 s heartbeat, 10 s for {@code Hello}. */
  public static FrameOptions of(String node) {
    return new FrameOptions(
        node,
        new Bounds(Limits.DEFAULT_MAX_FRAME_BYTES, 1_000, 64),
        new Times(
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofMinutes(2),
            Duration.ofMinutes(1),
            Duration.ofSeconds(5)));
  }
}

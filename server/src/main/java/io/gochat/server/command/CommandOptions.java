package io.gochat.server.command;

import java.time.Duration;

/**
 * What can be set about the command side of connections. Immutable.
 *
 * @param node this node's name, told in {@code Welcome}
 * @param bounds sizes and numbers
 * @param times deadlines and intervals
 */
public record CommandOptions(String node, Bounds bounds, Times times) {
  /**
   * Sizes and numbers, of one connection.
   *
   * @param maxRooms most rooms joined at once
   * @param maxUnanswered most commands that wait for the store; beyond it the connection is not read
   */
  public record Bounds(int maxRooms, int maxUnanswered) {
    public Bounds {
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
  }
}

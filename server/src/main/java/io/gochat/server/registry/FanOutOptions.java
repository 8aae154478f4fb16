package io.gochat.server.registry;

/**
 * The bounds of the fan-out. Immutable.
 *
 * @param memoryBytesPerLoop bound on the chunks of one event loop
 * @param handOverBytes bound on what is handed to a loop and not yet taken
 */
public record FanOutOptions(long memoryBytesPerLoop, long handOverBytes) {
  /** 64 MB of chunks, 8 MB of hand-over. */
  public static final FanOutOptions DEFAULT = new FanOutOptions(64L << 20, 8L << 20);
}

package io.gochat.server.registry;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The way of pushed bytes into one connection; {@link Outlets} chooses it by the connection's channel. Confined to the
 * channel's event loop.
 *
 * <p>Nothing is pushed while something that was written earlier has not left for the kernel, so a push never overtakes an
 * answer: what is queued unflushed is flushed first, what does not leave makes the connection wait. Answers go through the
 * pipeline, and may be written at any time.
 */
interface Outlet {
  /** What is worth sending per visit: as much as one send or one record takes. */
  int bytesPerVisit();

  /** Reads what a push will read, so that the cache misses of a group of connections overlap. */
  long touch();

  /** What was written and has not left, encrypted or not; null when the channel is closed. */
  @Nullable
  ChannelOutboundBuffer queued();

  /** How many bytes have not left. */
  default int queuedBytes() {
    ChannelOutboundBuffer queued = queued();
    return queued == null ? 0 : (int) queued.totalPendingWriteBytes();
  }

  /** Whether the channel is closed: nothing more will leave. */
  default boolean isClosed() {
    return queued() == null;
  }

  /** Whether everything that was written has left for the kernel. */
  default boolean isEmpty() {
    ChannelOutboundBuffer queued = queued();
    return queued != null && queued.totalPendingWriteBytes() == 0 && queued.isEmpty();
  }

  /**
   * Whether a push may begin: nothing is queued. What is queued but not flushed (answers) goes out first: pushes must not
   * overtake it.
   */
  default boolean isReady() {
    if (isEmpty()) {
      return true;
    }
    if (isClosed()) {
      return false;
    }
    flush();
    return isEmpty();
  }

  /**
   * Sends {@code [from, to)} of the chunk, both frame boundaries; {@link #isReady()} was true. The chunk stays the
   * caller's.
   *
   * @return the frame boundary up to which bytes are sent or queued; the rest is not this outlet's
   */
  int push(Chunk chunk, int from, int to);

  /** Sends what is queued, as far as the socket takes it. */
  void flush();

  /** Queues and flushes {@code frames}, complete frames; releases them. */
  void write(ByteBuf frames);

  /** Ends the connection at once, in the middle of a frame if need be. */
  void close();

  /** Calls {@code drained} when all that is queued now has left; never when the channel closes before. */
  void whenDrained(Runnable drained);
}

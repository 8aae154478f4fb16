package io.gochat.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** A protocol that may live on the port. Implementations are thread-safe: one instance serves all connections. */
public interface ConnectionProtocol {
  /** What the first bytes say. */
  enum Match {
    /** It is this protocol. */
    YES,
    /** It cannot become this protocol, whatever follows. */
    NO,
    /** It may be: more bytes are needed. */
    NEED_MORE
  }

  /** A short name for counters: {@code http}, {@code frame}. */
  String name();

  /** Whether it also takes questions about the server's health, which are answered when nothing else is any more. */
  default boolean isForOperations() {
    return false;
  }

  /** Judges the bytes so far (at least one), without moving any index and without keeping the buffer. */
  Match match(ByteBuf head);

  /**
   * Adds this protocol's handlers to the end of the pipeline. Called on the channel's loop; the sniffer then replays
   * the bytes it held and removes itself.
   */
  void install(Channel channel);

  /**
   * What a client is told that speaks this without TLS and may not; the caller releases it. Null: it is installed all the
   * same, and refuses by itself, because only its requests tell where a client really is.
   */
  default @Nullable ByteBuf tlsRequired(ByteBufAllocator allocator) {
    return null;
  }
}

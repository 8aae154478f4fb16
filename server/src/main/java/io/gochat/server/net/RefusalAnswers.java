package io.gochat.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** What somebody is told whom no protocol takes, where a person may be reading. Thread-safe. */
@FunctionalInterface
public interface RefusalAnswers {
  /** Nobody is told anything. */
  RefusalAnswers NONE = (reason, head, allocator) -> null;

  /**
   * The last bytes before the connection ends; null: none. The caller releases them.
   *
   * @param reason why it ends
   * @param head what has come, perhaps nothing; no index may be moved and the buffer not kept
   */
  @Nullable
  ByteBuf answer(Refusal reason, ByteBuf head, ByteBufAllocator allocator);
}

package io.gochat.server.registry;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

/** An allocator that has no memory left when the test says so. Thread-safe. */
final class FailingAllocator extends AbstractByteBufAllocator {
  private final ByteBufAllocator real = PooledByteBufAllocator.DEFAULT;

  /** Whether there is memory. */
  volatile boolean isEmpty;

  FailingAllocator() {
    super(true);
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    fail();
    return real.heapBuffer(initialCapacity, maxCapacity);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    fail();
    return real.directBuffer(initialCapacity, maxCapacity);
  }

  private void fail() {
    if (isEmpty) {
      throw new OutOfMemoryError("no direct memory, for the test");
    }
  }

  @Override
  public boolean isDirectBufferPooled() {
    return true;
  }
}

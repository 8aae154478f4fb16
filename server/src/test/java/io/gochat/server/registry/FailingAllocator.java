package io.gochat.server.registry;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.atomic.AtomicInteger;

/** An allocator that has no memory left when the test says so. Thread-safe. */
public final class FailingAllocator extends AbstractByteBufAllocator {
  private final ByteBufAllocator real = PooledByteBufAllocator.DEFAULT;

  /** Whether there is no memory. */
  volatile boolean isEmpty;

  private final AtomicInteger allowed = new AtomicInteger();

  public FailingAllocator() {
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

  /** There is none from now on, but for so many buffers. */
  public void emptyAfter(int buffers) {
    allowed.set(buffers);
    isEmpty = true;
  }

  private void fail() {
    if (isEmpty && allowed.getAndDecrement() <= 0) {
      throw new OutOfMemoryError("no direct memory, for the test");
    }
  }

  @Override
  public boolean isDirectBufferPooled() {
    return true;
  }
}

package io.gochat.server.simulation;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * Buffers that are counted, so that a leak is seen at once, and that are not always to be had. Confined to the
 * simulation's thread.
 */
final class SimulatedMemory extends AbstractByteBufAllocator {
  private final UnpooledByteBufAllocator real = new UnpooledByteBufAllocator(false, true);
  private final Dice dice;
  private int failsOneIn;

  SimulatedMemory(Dice dice) {
    this.dice = dice;
  }

  /** So often there is none from now on; 0: there always is. */
  void failsOneIn(int times) {
    failsOneIn = times;
  }

  /** Bytes of buffers that nobody has released. */
  long inUse() {
    return real.metric().usedHeapMemory();
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    if (dice.oneIn(failsOneIn)) {
      throw new OutOfMemoryError("no memory, says the schedule");
    }
    return real.heapBuffer(initialCapacity, maxCapacity);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    return newHeapBuffer(initialCapacity, maxCapacity);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return false;
  }
}

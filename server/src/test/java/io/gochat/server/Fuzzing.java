package io.gochat.server;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** What all targets of the fuzzer hold. Stateless. */
public final class Fuzzing {
  private Fuzzing() {}

  /** The first byte says where the rest is split; the outcome must not depend on it. */
  public static void sameWhereverSplit(byte[] data, Function<List<byte[]>, String> outcome) {
    if (data.length < 2) {
      return;
    }
    byte[] input = Arrays.copyOfRange(data, 1, data.length);
    int at = (data[0] & 0xFF) * input.length / 255;
    String whole = outcome.apply(List.of(input));
    String split = outcome.apply(
        List.of(Arrays.copyOf(input, at), Arrays.copyOfRange(input, at, input.length)));
    if (!whole.equals(split)) {
      throw new AssertionError("split at " + at + ": <" + split + "> instead of <" + whole + ">");
    }
  }

  /** Everything that was taken of {@code allocator} was given back. */
  public static void nothingHeld(UnpooledByteBufAllocator allocator) {
    long held = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    if (held != 0) {
      throw new AssertionError(held + " bytes are held");
    }
  }
}

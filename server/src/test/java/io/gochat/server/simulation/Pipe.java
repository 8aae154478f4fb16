package io.gochat.server.simulation;

import java.util.Arrays;

/** Bytes on their way, first in, first out. Confined to the simulation's thread. */
final class Pipe {
  private byte[] bytes = new byte[256];
  private int start;
  private int end;

  int size() {
    return end - start;
  }

  void add(byte[] more) {
    if (end + more.length > bytes.length) {
      byte[] target =
          size() + more.length > bytes.length ? new byte[2 * (size() + more.length)] : bytes;
      System.arraycopy(bytes, start, target, 0, size());
      bytes = target;
      end -= start;
      start = 0;
    }
    System.arraycopy(more, 0, bytes, end, more.length);
    end += more.length;
  }

  /** Takes the first {@code count} bytes out. */
  byte[] take(int count) {
    byte[] taken = Arrays.copyOfRange(bytes, start, start + count);
    start += count;
    return taken;
  }

  /** The unsigned byte at {@code index}, which stays. */
  int at(int index) {
    return bytes[start + index] & 0xFF;
  }

  void clear() {
    start = 0;
    end = 0;
  }
}

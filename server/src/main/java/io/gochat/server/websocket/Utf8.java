package io.gochat.server.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;

/**
 * Checks UTF-8 as it comes in pieces, so that a text that went wrong is noticed with its first wrong byte. Confined to one
 * thread.
 */
final class Utf8 implements ByteProcessor {
  private int missing; // bytes of the current character
  private int least; // bounds of its next byte
  private int most;

  /** Whether the bytes may go on behind those that were checked before. */
  boolean accepts(ByteBuf bytes) {
    return bytes.forEachByte(this) < 0;
  }

  /** Whether no character is cut off. */
  boolean isComplete() {
    return missing == 0;
  }

  /** One byte; false: it cannot stand here (Unicode, table 3-7). */
  @Override
  public boolean process(byte value) {
    int next = value & 0xFF;
    if (missing > 0) {
      if (next < least || next > most) {
        return false;
      }
      missing--;
      least = 0x80;
      most = 0xBF;
      return true;
    }
    return next < 0x80 || begins(next);
  }

  private boolean begins(int first) {
    if (first < 0xC2 || first > 0xF4) {
      return false;
    }
    missing = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return true;
  }
}

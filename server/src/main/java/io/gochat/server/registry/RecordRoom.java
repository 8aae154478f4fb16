package io.gochat.server.registry;

import java.nio.ByteBuffer;

/**
 * Where the TLS records of one event loop are made, one after the other: nothing is kept in it from one push to the next.
 * Confined to that event loop. Its memory is the garbage collector's.
 */
final class RecordRoom {
  private ByteBuffer bytes = ByteBuffer.allocateDirect(0);

  /** Room for {@code atLeast} bytes, from its beginning; until the next call. */
  ByteBuffer take(int atLeast) {
    if (bytes.capacity() < atLeast) {
      bytes = ByteBuffer.allocateDirect(atLeast);
    }
    return bytes.clear();
  }
}

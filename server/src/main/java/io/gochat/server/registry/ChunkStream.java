package io.gochat.server.registry;

import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The framed bytes of one topic on one event loop, as far as somebody there may still need them: a window, moving forward,
 * of an endless stream. Confined to that event loop; it owns its chunks and releases them.
 */
final class ChunkStream {
  private final ByteBufAllocator allocator;
  private @Nullable ArrayDeque<Chunk>
      older; // before the tail, oldest first; most topics never have one
  private @Nullable Chunk tail;
  private long endPos;
  private int heldBytes;

  ChunkStream(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  /** Where the next byte will lie; a member that stands here is owed nothing. */
  long endPos() {
    return endPos;
  }

  /** What the chunks take. */
  int heldBytes() {
    return heldBytes;
  }

  boolean isEmpty() {
    return tail == null;
  }

  /**
   * A chunk with room for a frame of {@code bytes}, the first of {@code left} bytes that are known to come; whoever writes
   * the frame calls {@link #written}.
   */
  Chunk forMessage(int bytes, int left, long seq) {
    Chunk current = tail;
    if (current != null && current.hasRoomFor(bytes)) {
      return current;
    }
    // A topic that fills chunks gets larger ones; one that speaks now and then pays for what it
    // says.
    int wanted = current == null ? left : Math.max(left, 2 * current.heldBytes());
    return add(Math.max(bytes, Math.min(wanted, Chunk.MAX_BYTES)), seq, true);
  }

  /** A chunk for one frame that has no sequence and comes before the message {@code nextSeq}. */
  Chunk forUnsequenced(int bytes, long nextSeq) {
    return add(bytes, nextSeq, false);
  }

  /** One frame of {@code bytes} was written to the end of {@code chunk}. */
  void written(Chunk chunk, int bytes) {
    int before = chunk.heldBytes();
    chunk.frameWritten();
    heldBytes += chunk.heldBytes() - before;
    endPos += bytes;
  }

  private Chunk add(int bytes, long seq, boolean sequenced) {
    // First: without memory for it everything stays as it is.
    Chunk chunk = new Chunk(allocator, bytes, endPos, seq, sequenced);
    Chunk current = tail;
    if (current != null) {
      ArrayDeque<Chunk> before = older;
      if (before == null) {
        before = new ArrayDeque<>(4);
        older = before;
      }
      before.addLast(current);
    }
    tail = chunk;
    heldBytes += chunk.heldBytes();
    return chunk;
  }

  /** The oldest chunk; null when there is none. */
  @Nullable
  Chunk oldest() {
    ArrayDeque<Chunk> before = older;
    return before == null || before.isEmpty() ? tail : before.peekFirst();
  }

  boolean hasSeveral() {
    ArrayDeque<Chunk> before = older;
    return before != null && !before.isEmpty();
  }

  /** Releases the oldest chunk; nobody must stand in it. */
  void dropOldest() {
    ArrayDeque<Chunk> before = older;
    Chunk chunk = before == null ? null : before.pollFirst();
    if (chunk == null) {
      chunk = tail;
      tail = null;
    }
    if (chunk != null) {
      heldBytes -= chunk.heldBytes();
      chunk.release();
    }
  }

  /** Releases everything; nobody must stand before the end. */
  void clear() {
    while (tail != null) {
      dropOldest();
    }
    older = null;
  }

  /** The chunk that holds the message {@code seq}; null when none does. */
  @Nullable
  Chunk holding(long seq) {
    Chunk last = tail;
    if (last == null || last.holds(seq)) {
      return last;
    }
    ArrayDeque<Chunk> before = older;
    if (before != null) {
      for (Chunk chunk : before) {
        if (chunk.holds(seq)) {
          return chunk;
        }
      }
    }
    return null;
  }

  /** The chunk in which {@code position} lies; null when it is the end. */
  @Nullable
  Chunk at(long position) {
    Chunk last = tail;
    if (position >= endPos || last == null || position >= last.basePos) {
      return position >= endPos ? null : last;
    }
    ArrayDeque<Chunk> before = older;
    if (before != null) {
      for (Chunk chunk : before) {
        if (position < chunk.endPos()) {
          return chunk;
        }
      }
    }
    return null;
  }
}

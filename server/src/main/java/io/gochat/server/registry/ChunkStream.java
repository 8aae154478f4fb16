package io.gochat.server.registry;

import io.gochat.protocol.Member;
import io.gochat.server.messaging.LoggedMessage;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The framed bytes of one topic on one event loop, as far as somebody there may still need them: a window, moving forward,
 * of an endless stream. Confined to that event loop; it owns its chunks and releases them.
 */
final class ChunkStream {
  /** No position. */
  static final long NOWHERE = -1;

  private final WireFormat format;
  private final ByteBufAllocator allocator;

  /** Before the tail, oldest first; most topics never have one. */
  private @Nullable ArrayDeque<Chunk> older;

  private @Nullable Chunk tail;
  private long endPos;
  private int heldBytes;

  ChunkStream(WireFormat format, ByteBufAllocator allocator) {
    this.format = format;
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

  /** Frames the messages, of which the first is the topic's next. */
  void append(List<LoggedMessage> messages) {
    int count = messages.size();
    int left = 0;
    for (int i = 0; i < count; i++) {
      left += format.messageSize(messages.get(i));
    }
    for (int i = 0; i < count; i++) {
      LoggedMessage message = messages.get(i);
      int bytes = format.messageSize(message);
      Chunk chunk = withRoom(bytes, left, message.seq());
      format.writeMessage(message, chunk.bytes);
      written(chunk, bytes);
      left -= bytes;
    }
  }

  /** Frames a change of a room's members, which has no sequence and comes before the message {@code nextSeq}. */
  void appendPresence(
      long roomId, int count, List<Member> joined, List<Member> left, long nextSeq) {
    int guessedBytes = 32 + 48 * (joined.size() + left.size());
    Chunk chunk = add(guessedBytes, nextSeq, false);
    format.writePresence(roomId, count, joined, left, chunk.bytes);
    written(chunk, chunk.length());
  }

  /** A chunk with room for a frame of {@code bytes}, the first of {@code left} bytes that are known to come. */
  private Chunk withRoom(int bytes, int left, long seq) {
    Chunk current = tail;
    if (current != null && current.hasRoomFor(bytes)) {
      return current;
    }
    // Who fills chunks gets larger ones; who speaks now and then pays for what it says.
    int wanted = current == null ? left : Math.max(left, 2 * current.heldBytes());
    return add(Math.max(bytes, Math.min(wanted, Chunk.MAX_BYTES)), seq, true);
  }

  /** One frame of {@code bytes} was written to the end of {@code chunk}. */
  private void written(Chunk chunk, int bytes) {
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

  /** Releases the oldest chunks before {@code position}, as long as more than {@code keepBytes} are held. */
  void dropBefore(long position, int keepBytes) {
    Chunk oldest = oldest();
    while (oldest != null && oldest.endPos() <= position && heldBytes > keepBytes) {
      dropOldest();
      oldest = oldest();
    }
  }

  /** Releases everything; nobody must stand before the end. */
  void clear() {
    while (tail != null) {
      dropOldest();
    }
    older = null;
  }

  /**
   * Sends what lies from {@code position} on, which is not the end, until the outlet is full or {@code mostBytes} are sent.
   *
   * @return where that ends
   */
  long push(Outlet outlet, long position, int mostBytes, LoopCounters counters) {
    int sentBytes = 0;
    do {
      Chunk chunk = at(position + sentBytes);
      if (chunk == null) {
        throw new IllegalStateException("position " + position + " is in no chunk");
      }
      int from = (int) (position + sentBytes - chunk.basePos);
      int reached = outlet.push(chunk, from, chunk.boundaryWithin(from, mostBytes - sentBytes));
      counters.sent(chunk.framesUpTo(reached) - chunk.framesUpTo(from), reached - from);
      sentBytes += reached - from;
    } while (position + sentBytes < endPos && sentBytes < mostBytes && outlet.isEmpty());
    return position + sentBytes;
  }

  /** The message that comes next at {@code position}: {@code behindAll} at the end. */
  long nextSeqAt(long position, long behindAll) {
    Chunk chunk = at(position);
    return chunk == null ? behindAll : chunk.nextSeqAt((int) (position - chunk.basePos));
  }

  /** Where the message {@code seq} lies; {@link #NOWHERE}: it is not held. */
  long positionOf(long seq) {
    Chunk chunk = holding(seq);
    return chunk == null ? NOWHERE : chunk.basePos + chunk.offsetOf(seq);
  }

  private @Nullable Chunk holding(long seq) {
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

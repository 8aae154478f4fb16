package io.gochat.server.registry;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/**
 * Framed bytes of consecutive messages of one topic, with the offset of every frame; or one unsequenced frame
 * (presence). Append-only: what was handed to a socket never moves. Confined to the event loop of its {@link ChunkStream},
 * which releases it; slices of it hold their own reference.
 */
final class Chunk {
  /** Larger chunks would pin more memory per straggler and gain nothing: a send is at most this long. */
  static final int MAX_BYTES = 64 * 1024;

  private static final int MIN_BYTES = 512;

  final ByteBuf bytes;

  /** Where its first byte lies in the feed's stream of bytes. */
  final long basePos;

  /** The sequence of its first message; of an unsequenced chunk the next sequence of the feed. */
  final long firstSeq;

  /** What the loop's memory is charged for it. */
  private int heldBytes;

  private final boolean sequenced;
  private int[] ends;
  private int frames;

  // Nearly all members of a room stand at the same offset: one remembered look-up serves them.
  private int knownOffset;
  private int knownFrame;

  /** A chunk with room for {@code wantedBytes}, or for more frames after them. */
  Chunk(
      ByteBufAllocator allocator, int wantedBytes, long basePos, long firstSeq, boolean sequenced) {
    this.bytes = allocator.directBuffer(Math.max(wantedBytes, MIN_BYTES));
    this.heldBytes = bytes.capacity();
    this.basePos = basePos;
    this.firstSeq = firstSeq;
    this.sequenced = sequenced;
    this.ends = new int[sequenced ? 8 : 1];
  }

  int heldBytes() {
    return heldBytes;
  }

  int length() {
    return bytes.writerIndex();
  }

  long endPos() {
    return basePos + length();
  }

  /** The last sequence in it or, when there is none, the one before it. */
  long lastSeq() {
    return sequenced ? firstSeq + frames - 1 : firstSeq - 1;
  }

  /** Whether the message {@code seq} is in it. */
  boolean holds(long seq) {
    return seq >= firstSeq && seq <= lastSeq();
  }

  /** Whether one more message frame of {@code size} bytes fits. */
  boolean hasRoomFor(int size) {
    return sequenced && bytes.writableBytes() >= size;
  }

  /** One frame was written into {@link #bytes}. */
  void frameWritten() {
    if (frames == ends.length) {
      ends = Arrays.copyOf(ends, frames * 2);
    }
    ends[frames++] = bytes.writerIndex();
    heldBytes = bytes.capacity(); // a frame of which nobody knew the size may have outgrown it
  }

  /** Where the frame of {@code seq}, which is in here, begins. */
  int offsetOf(long seq) {
    int frame = (int) (seq - firstSeq);
    return frame == 0 ? 0 : ends[frame - 1];
  }

  /** How many frames end at or before {@code offset}. */
  int framesUpTo(int offset) {
    if (offset == length()) {
      return frames;
    }
    if (offset != knownOffset) {
      int found = Arrays.binarySearch(ends, 0, frames, offset);
      knownFrame = found >= 0 ? found + 1 : -found - 1;
      knownOffset = offset;
    }
    return knownFrame;
  }

  /** The last frame boundary at most {@code bytes} after {@code from}, but at least one frame; {@code from} is one too. */
  int boundaryWithin(int from, int bytes) {
    if (length() - from <= bytes) {
      return length();
    }
    int complete = framesUpTo(from + bytes);
    int boundary = complete == 0 ? 0 : ends[complete - 1];
    return boundary > from ? boundary : ends[complete];
  }

  /** The first frame boundary after {@code offset}, or {@code offset} itself where it is one and {@code strictly} is false. */
  int boundaryFrom(int offset, boolean strictly) {
    int complete = framesUpTo(offset);
    boolean isBoundary = offset == 0 || (complete > 0 && ends[complete - 1] == offset);
    return isBoundary && !strictly ? offset : ends[complete];
  }

  /** The first sequence that is not wholly before {@code offset}, which is a frame boundary. */
  long nextSeqAt(int offset) {
    return sequenced ? firstSeq + framesUpTo(offset) : firstSeq;
  }

  void release() {
    bytes.release();
  }
}

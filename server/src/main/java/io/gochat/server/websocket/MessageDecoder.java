package io.gochat.server.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a client sends into messages and control frames (RFC 6455), however it was split on its way. Confined to one
 * thread, the connection's event loop. Between messages it holds no buffer, so that an idle connection costs this object
 * only.
 *
 * <p>Use: {@link #feed} what was received, then {@link #next} until it finds nothing; a caller that stops in between
 * (backpressure) finds the rest here later. What is held for an incomplete message grows with the bytes that really
 * arrived. A message that came in one piece is unmasked where it lies and not copied. After a {@link ViolationException}
 * only {@link #close} makes sense.
 */
final class MessageDecoder implements AutoCloseable {
  /** What {@link #next} found. */
  enum Found {
    NOTHING,
    TEXT,
    BINARY,
    PING,
    PONG,
    CLOSE
  }

  private static final int FIN = 0x80;
  private static final int RSV = 0x70;
  private static final int OPCODE = 0x0F;
  private static final int MASKED = 0x80;
  private static final int LENGTH = 0x7F;
  private static final int MASK_BYTES = 4;
  private static final int MAX_CONTROL_BYTES = 125;
  private static final int MAX_REST_BYTES = 256;
  private static final int NO_MESSAGE = -1;

  private final int maxMessageBytes;

  /** What was received and not yet looked at; owned. */
  private @Nullable ByteBuf received;

  /** The message so far, of the frames before and of what has come of this one; owned. */
  private @Nullable ByteBuf message;

  /** The frame found last, until the next call. */
  private ByteBuf payload = Unpooled.EMPTY_BUFFER;

  private @Nullable Utf8 utf8;
  private int messageOpcode = NO_MESSAGE;
  private boolean skipping;

  // The data frame whose payload comes in pieces.
  private boolean inFrame;
  private boolean lastFrame;
  private long missingBytes;
  private int mask;

  /** Accepts messages of up to {@code maxMessageBytes} bytes, all fragments together. */
  MessageDecoder(int maxMessageBytes) {
    this.maxMessageBytes = maxMessageBytes;
  }

  /** Takes over {@code in} and will release it. */
  void feed(ByteBuf in) {
    ByteBuf before = received;
    if (!in.isReadable()) {
      in.release();
    } else if (before == null) {
      received = in;
    } else {
      received = null; // released here, whatever happens
      try {
        ByteBuf joined = before.alloc().buffer(before.readableBytes() + in.readableBytes());
        received = joined.writeBytes(before).writeBytes(in);
      } finally {
        before.release();
        in.release();
      }
    }
  }

  /** Looks for the next message or control frame, whose {@link #payload} is good until the next call. */
  Found next() throws ViolationException {
    forget();
    Found found = Found.NOTHING;
    for (ByteBuf in = received; in != null && found == Found.NOTHING; in = received) {
      if (inFrame) {
        found = takePiece(in);
      } else if (isFrameMissing(in)) {
        keepRest(in);
        return Found.NOTHING;
      } else {
        found = begin(in);
      }
    }
    return found;
  }

  /** The payload of what was found; stays this object's. */
  ByteBuf payload() {
    return payload;
  }

  /** As many bytes as the message will have, as far as that is known, that has begun and not come whole; 0: none. */
  int unfinishedBytes() {
    if (messageOpcode == NO_MESSAGE || skipping) {
      return received == null ? 0 : received.readableBytes();
    }
    return (message == null ? 0 : message.readableBytes()) + (int) missingBytes;
  }

  /** From now on messages are passed over, and only control frames are found. */
  void skipMessages() {
    skipping = true;
    releaseMessage();
  }

  /** Releases what is held. Idempotent. */
  @Override
  public void close() {
    payload = Unpooled.EMPTY_BUFFER;
    releaseMessage();
    releaseReceived();
  }

  // ---- a frame ----

  /** Whether a header is not complete, or a control frame, which is looked at as a whole. */
  private static boolean isFrameMissing(ByteBuf in) throws ViolationException {
    int readable = in.readableBytes();
    if (readable < 2) {
      return true;
    }
    int start = in.readerIndex();
    int first = in.getUnsignedByte(start);
    int second = in.getUnsignedByte(start + 1);
    check(first, second);
    int header = headerBytes(in);
    return readable < header
        || (Opcode.isControl(first & OPCODE) && readable < header + (second & LENGTH));
  }

  private static int headerBytes(ByteBuf in) {
    int length = in.getByte(in.readerIndex() + 1) & LENGTH;
    return 2 + (length == 127 ? 8 : length == 126 ? 2 : 0) + MASK_BYTES;
  }

  private static long payloadBytes(ByteBuf in) {
    int start = in.readerIndex();
    int length = in.getByte(start + 1) & LENGTH;
    return length == 127
        ? in.getLong(start + 2)
        : length == 126 ? in.getUnsignedShort(start + 2) : length;
  }

  /** Whether a length is told in as few bytes as it needs (RFC 6455, 5.2). A negative one is another matter. */
  private static boolean isMinimal(int form, long length) {
    return form < 126 || length < 0 || length > (form == 126 ? 125 : 65_535);
  }

  /** Looks at a whole header, and takes the payload if that is short or there. */
  private Found begin(ByteBuf in) throws ViolationException {
    int first = in.getUnsignedByte(in.readerIndex());
    int opcode = first & OPCODE;
    int header = headerBytes(in);
    long length = payloadBytes(in);
    if (!isMinimal(in.getByte(in.readerIndex() + 1) & LENGTH, length)) {
      throw new ViolationException(
          CloseCode.PROTOCOL_ERROR, "a length in more bytes than it needs");
    }
    mask = in.getInt(in.readerIndex() + header - MASK_BYTES);
    in.skipBytes(header);
    if (Opcode.isControl(opcode)) {
      return control(in, opcode, (int) length);
    }
    checkSequence(opcode);
    long before = message == null ? 0 : message.readableBytes();
    if (length < 0 || length > maxMessageBytes - before) {
      throw new ViolationException(
          CloseCode.TOO_BIG, "a message over " + maxMessageBytes + " bytes");
    }
    if (opcode != Opcode.CONTINUATION) {
      messageOpcode = opcode;
    }
    lastFrame = (first & FIN) != 0;
    if (lastFrame && message == null && !skipping && in.readableBytes() >= length) {
      return whole(in, (int) length);
    }
    inFrame = true;
    missingBytes = length;
    return Found.NOTHING;
  }

  private static void check(int first, int second) throws ViolationException {
    int opcode = first & OPCODE;
    if ((first & RSV) != 0) {
      throw broken("a reserved bit, and no extension was agreed on");
    }
    if (!Opcode.isKnown(opcode)) {
      throw broken("an unknown opcode");
    }
    if ((second & MASKED) == 0) {
      throw broken("a frame without a mask");
    }
    if (Opcode.isControl(opcode) && ((first & FIN) == 0 || (second & LENGTH) > MAX_CONTROL_BYTES)) {
      throw broken("a control frame that is fragmented or too long");
    }
  }

  private void checkSequence(int opcode) throws ViolationException {
    if (opcode == Opcode.CONTINUATION && messageOpcode == NO_MESSAGE) {
      throw broken("a continuation of nothing");
    }
    if (opcode != Opcode.CONTINUATION && messageOpcode != NO_MESSAGE) {
      throw broken("a message within a message");
    }
  }

  private Found control(ByteBuf in, int opcode, int length) {
    unmask(in, in.readerIndex(), length, mask);
    payload = in.readSlice(length);
    return switch (opcode) {
      case Opcode.PING -> Found.PING;
      case Opcode.PONG -> Found.PONG;
      default -> Found.CLOSE;
    };
  }

  /** The usual case: a message in one frame, all of which is there. */
  private Found whole(ByteBuf in, int length) throws ViolationException {
    unmask(in, in.readerIndex(), length, mask);
    payload = in.readSlice(length);
    checkText(payload);
    return foundAs(messageOpcode);
  }

  // ---- a message in pieces ----

  /** Moves what is there of the current frame to the message, which may be complete with it. */
  private Found takePiece(ByteBuf in) throws ViolationException {
    int length = (int) Math.min(missingBytes, in.readableBytes());
    if (skipping) {
      in.skipBytes(length);
    } else {
      unmask(in, in.readerIndex(), length, mask);
      mask = Integer.rotateLeft(mask, 8 * (length % MASK_BYTES));
      ByteBuf piece = in.readSlice(length);
      checkText(piece);
      append(in, piece);
    }
    missingBytes -= length;
    inFrame = missingBytes > 0;
    if (!in.isReadable()) {
      releaseReceived();
    }
    return inFrame || !lastFrame ? Found.NOTHING : foundMessage();
  }

  private void append(ByteBuf in, ByteBuf piece) {
    ByteBuf so = message;
    if (so == null) {
      so = in.alloc().buffer(Math.max(piece.readableBytes(), 64), maxMessageBytes);
      message = so;
    }
    so.writeBytes(piece);
  }

  private Found foundMessage() throws ViolationException {
    if (skipping) {
      messageOpcode = NO_MESSAGE;
      return Found.NOTHING;
    }
    payload = message == null ? Unpooled.EMPTY_BUFFER : message;
    return foundAs(messageOpcode);
  }

  private Found foundAs(int opcode) throws ViolationException {
    messageOpcode = NO_MESSAGE;
    if (opcode == Opcode.TEXT) {
      Utf8 check = utf8;
      if (check != null && !check.isComplete()) {
        throw new ViolationException(CloseCode.INVALID_TEXT, "a text that ends within a character");
      }
      return Found.TEXT;
    }
    return Found.BINARY;
  }

  private void checkText(ByteBuf piece) throws ViolationException {
    if (messageOpcode != Opcode.TEXT) {
      return;
    }
    Utf8 check = utf8;
    if (check == null) {
      check = new Utf8();
      utf8 = check;
    }
    if (!check.accepts(piece)) {
      throw new ViolationException(CloseCode.INVALID_TEXT, "a text that is not UTF-8");
    }
  }

  private static void unmask(ByteBuf in, int start, int length, int key) {
    int at = start;
    int end = start + length;
    for (; at + MASK_BYTES <= end; at += MASK_BYTES) {
      in.setInt(at, in.getInt(at) ^ key);
    }
    for (int shift = 24; at < end; at++, shift -= 8) {
      in.setByte(at, in.getByte(at) ^ (key >>> shift));
    }
  }

  // ---- buffers ----

  /** A few bytes of a header or a control frame stay: copied, so that they pin no receive buffer. */
  private void keepRest(ByteBuf in) {
    if (!in.isReadable()) {
      releaseReceived();
    } else if (in.readerIndex() > 0 || in.capacity() > MAX_REST_BYTES) {
      received = in.alloc().buffer(in.readableBytes()).writeBytes(in);
      in.release();
    }
  }

  /** What was found last was used: lets go of a buffer that it was the last of. */
  private void forget() {
    payload = Unpooled.EMPTY_BUFFER;
    if (messageOpcode == NO_MESSAGE) {
      releaseMessage();
      utf8 = null;
    }
    if (received != null && !received.isReadable()) {
      releaseReceived();
    }
  }

  private void releaseMessage() {
    if (message != null) {
      message.release();
      message = null;
    }
  }

  private void releaseReceived() {
    if (received != null) {
      received.release();
      received = null;
    }
  }

  private static ViolationException broken(String detail) {
    return new ViolationException(CloseCode.PROTOCOL_ERROR, detail);
  }
}

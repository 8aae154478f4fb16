package io.gochat.bench.load;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameHeader;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts what a connection received into frames. Confined to the connection's event loop. All connections of a loop share
 * one {@link Scratch}: what arrives is copied there once and parsed from an array, which costs less than the checks of
 * a {@link ByteBuf}; only the beginning of an unfinished frame is kept per connection.
 */
final class FrameReader {
  private static final int HEADER = FrameHeader.BYTES;
  private static final int MAX_PAYLOAD = 1_048_576;
  private static final byte[] NOTHING = {};

  private byte[] held = NOTHING;
  private int heldLength;

  /** Gets the frames of one connection. */
  interface Sink {
    /** One payload, in {@code bytes[from, to)}; valid during the call only. */
    void frame(byte[] bytes, int from, int to);
  }

  /** The array that one loop parses in; confined to that loop. */
  static final class Scratch {
    private byte[] bytes = new byte[256 * 1024];

    private byte[] ofSize(int size, int keep) {
      if (bytes.length < size) {
        byte[] larger = new byte[Math.max(size, bytes.length * 2)];
        System.arraycopy(bytes, 0, larger, 0, keep);
        bytes = larger;
      }
      return bytes;
    }
  }

  /** Hands each complete frame to {@code sink}. Does not release {@code in}; its owner does. */
  void read(ByteBuf in, Scratch scratch, Sink sink) {
    int arrived = in.readableBytes();
    int length = heldLength + arrived;
    byte[] bytes = scratch.ofSize(length, 0);
    System.arraycopy(held, 0, bytes, 0, heldLength);
    in.readBytes(bytes, heldLength, arrived);
    int at = 0;
    while (length - at >= HEADER) {
      if (bytes[at] != FrameHeader.VERSION) {
        throw new IllegalStateException("the server sent a frame of version " + bytes[at]);
      }
      int payload = FrameHeader.lengthIn(bytes, at);
      if (payload < 1 || payload > MAX_PAYLOAD) {
        throw new IllegalStateException("the server sent a frame of " + payload + " bytes");
      }
      if (length - at - HEADER < payload) {
        break;
      }
      sink.frame(bytes, at + HEADER, at + HEADER + payload);
      at += HEADER + payload;
    }
    hold(bytes, at, length - at);
  }

  /** A payload as what it is. */
  static ServerFrame parsed(byte[] bytes, int from, int to) {
    try {
      return ServerFrame.parseFrom(ByteBuffer.wrap(bytes, from, to - from));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the server sent what is not a ServerFrame", e);
    }
  }

  private void hold(byte[] bytes, int at, int length) {
    if (held.length < length) {
      held = Arrays.copyOfRange(bytes, at, at + length + 64);
    } else {
      System.arraycopy(bytes, at, held, 0, length);
    }
    heldLength = length;
  }
}

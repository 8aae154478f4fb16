package io.gochat.server.command;

import io.gochat.protocol.ServerFrame;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.registry.WireFormat;
import io.netty.buffer.ByteBuf;

/** How everything that the server says looks on the wire of one protocol. Thread-safe and stateless. */
public interface AnswerFormat extends WireFormat {
  /** The bytes that {@link #write} will append. */
  int size(ServerFrame frame);

  /** Appends a frame to {@code out}, which stays the caller's. */
  void write(ServerFrame frame, ByteBuf out);

  /** The same as an object. */
  default Encoded encoded(ServerFrame frame) {
    AnswerFormat format = this;
    return new Encoded() {
      @Override
      public int size() {
        return format.size(frame);
      }

      @Override
      public void writeTo(ByteBuf out) {
        format.write(frame, out);
      }
    };
  }

  /** The answer to a {@code Fetch}: as much of the slice as one message may carry. */
  Encoded history(long requestId, LogSlice slice);

  /** Something whose size is known before a byte of it is made. */
  interface Encoded {
    /** The bytes that {@link #writeTo} appends. */
    int size();

    /** Appends it to {@code out}, which stays the caller's. */
    void writeTo(ByteBuf out);
  }
}

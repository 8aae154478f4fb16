package io.gochat.server.registry;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;

/** A channel whose "socket" takes as many bytes as the test allows. Confined to the test's thread. */
final class TrickleChannel extends EmbeddedChannel {
  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private long room;

  /** The socket takes {@code bytes} more; what was queued flows at once. */
  void allow(long bytes) {
    room += bytes;
    flush();
    runPendingTasks();
  }

  /** What the socket has taken since the last call. */
  byte[] take() {
    byte[] bytes = taken.toByteArray();
    taken.reset();
    return bytes;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) {
    Object current = in.current();
    while (current != null) {
      ByteBuf bytes = (ByteBuf) current;
      int readable = bytes.readableBytes();
      int fits = (int) Math.min(readable, room);
      if (readable > 0 && fits == 0) {
        return;
      }
      byte[] copy = new byte[fits];
      bytes.getBytes(bytes.readerIndex(), copy);
      taken.writeBytes(copy);
      room -= fits;
      in.removeBytes(fits);
      if (readable == 0) {
        in.remove();
      }
      if (fits < readable) {
        return;
      }
      current = in.current();
    }
  }
}

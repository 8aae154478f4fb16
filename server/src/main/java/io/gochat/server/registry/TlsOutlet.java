package io.gochat.server.registry;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Pushes to an epoll socket behind TLS: from the chunk through the handler's own engine into one record, and from there
 * straight to the socket, without a buffer, a promise or an entry in a queue for each recipient. Confined to the channel's
 * event loop.
 *
 * <p><b>Why that is in order.</b> What is encrypted must reach the wire in the order of its encryption. A push begins when
 * nothing is queued ({@link #isReady}), encrypted or not, so the handler owes the socket nothing; what the socket does not
 * take of a record waits in the channel's own queue, where all that the handler encrypts later goes behind it. The engine is
 * never entered twice: pushes run beside the handler's work, not within it, and on the same thread.
 *
 * <p>The engine alone makes the bytes that are written here: what it does not take (it is closed, or has a message of its own
 * to send first) and what is longer than a record goes through the pipeline, like everything else.
 */
final class TlsOutlet implements Outlet {
  private static final int RECORD_BYTES = 16 * 1024;

  private final Channel channel;
  private final Channel.Unsafe unsafe;
  private final Socket socket;
  private final SSLEngine engine;
  private final int packetBytes;
  private final RecordRoom room;
  private final PipelineOutlet pipeline;

  /** The handshake of {@code tls} is over. */
  TlsOutlet(EpollSocketChannel channel, SslHandler tls, RecordRoom room) {
    this.channel = channel;
    this.unsafe = channel.unsafe();
    this.socket = (Socket) channel.fd();
    this.engine = tls.engine();
    this.packetBytes = engine.getSession().getPacketBufferSize();
    this.room = room;
    this.pipeline = new PipelineOutlet(channel, true);
  }

  @Override
  public int bytesPerVisit() {
    return RECORD_BYTES;
  }

  @Override
  public long touch() {
    return pipeline.touch() + socket.intValue();
  }

  @Override
  public @Nullable ChannelOutboundBuffer queued() {
    return unsafe.outboundBuffer();
  }

  @Override
  public void flush() {
    pipeline.flush();
  }

  @Override
  public int push(Chunk chunk, int from, int to) {
    int length = to - from;
    if (length > RECORD_BYTES) {
      return pipeline.push(chunk, from, to);
    }
    ByteBuffer record = room.take(packetBytes);
    int taken;
    try {
      taken = engine.wrap(chunk.bytes.internalNioBuffer(from, length), record).bytesConsumed();
      send(record.flip());
    } catch (IOException e) {
      close(); // the peer is gone, or could not read what follows
      return to;
    }
    return taken == length ? to : pipeline.push(chunk, from + taken, to);
  }

  /** Sends a record, or what there is of one; what the socket does not take follows when it does. */
  private void send(ByteBuffer record) throws IOException {
    int sent = record.hasRemaining() ? socket.send(record, 0, record.limit()) : 0;
    if (sent < record.limit()) {
      record.position(sent);
      ByteBuf rest = channel.alloc().directBuffer(record.remaining());
      unsafe.write(rest.writeBytes(record), unsafe.voidPromise());
      unsafe.flush();
    }
  }

  @Override
  public void write(ByteBuf frames) {
    pipeline.write(frames);
  }

  @Override
  public void close() {
    pipeline.close();
  }

  @Override
  public void whenDrained(Runnable drained) {
    pipeline.whenDrained(drained);
  }
}

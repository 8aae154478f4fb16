package io.gochat.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.function.IntConsumer;

/**
 * How much of what a peer sends is taken in: nothing behind a request that has no answer yet, and once more has come the
 * socket is not read. Confined to the connection's event loop.
 */
final class HttpIntake {
  private final RequestDecoder decoder;
  private boolean isStopped;
  private boolean isShut;

  /** Tells {@code bytesArrived} how many have come before they are looked at. */
  HttpIntake(IntConsumer bytesArrived) {
    this.decoder = new RequestDecoder(bytesArrived);
  }

  /** What decodes, in front of whoever answers. */
  RequestDecoder decoder() {
    return decoder;
  }

  /** A request is complete: what follows it stays as bytes. */
  void hold() {
    decoder.closeGate();
  }

  /** The next request may come; within a read it goes on by itself, else {@link #decodeHeldBack} does. */
  void release() {
    decoder.openGate();
  }

  /** Decodes what was held back. Not from within a read. */
  void decodeHeldBack(Channel channel) throws Exception {
    ChannelHandlerContext decoding = channel.pipeline().context(decoder);
    if (decoding != null) {
      decoder.decodeHeldBack(decoding);
    }
  }

  /** Bytes that have come and are not decoded. */
  int heldBackBytes() {
    return decoder.heldBackBytes();
  }

  /** More has come than is wanted now. */
  void stop(Channel channel) {
    isStopped = true;
    channel.config().setAutoRead(false);
  }

  /** The socket is read again, if it was not. */
  void readOn(Channel channel) {
    if (isStopped) {
      isStopped = false;
      channel.config().setAutoRead(true);
    }
  }

  /** Drops everything from now on. */
  void discard() {
    decoder.discard();
  }

  /** The peer has said all it wanted to. */
  void shut() {
    isShut = true;
  }

  boolean isShut() {
    return isShut;
  }
}

package io.gochat.server.websocket;

import io.gochat.protocol.ClientFrame;
import io.gochat.server.command.AnswerFormat;
import io.gochat.server.command.CommandLoops;
import io.gochat.server.command.CommandMeters;
import io.gochat.server.command.Farewell;
import io.gochat.server.command.Inbound;
import io.gochat.server.command.Peer;
import io.gochat.server.command.UnreadableException;
import io.gochat.server.net.OutputEnd;
import io.gochat.server.websocket.MessageDecoder.Found;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket after its handshake, the last handler of its pipeline. Confined to its event loop.
 *
 * <p>Each side says Close once (RFC 6455, 5.5.1): when the peer began, the answers that it is owed still go out in front of
 * ours; when the server began, all that is listened for is the peer's.
 */
final class WebSocketConnection extends ChannelInboundHandlerAdapter implements Peer {
  private static final int NONE = 0;

  private final Channel channel;
  private final Subprotocol subprotocol;
  private final MessageDecoder decoder;
  private final Inbound inbound;

  /** With which the connection ends, where that is not what its farewell says; or {@link #NONE}. */
  private int closeCode = NONE;

  private boolean peerClosed;
  private boolean broken;
  private boolean closeSent;

  WebSocketConnection(
      Channel channel, Subprotocol subprotocol, CommandLoops commands, CommandMeters meters) {
    this.channel = channel;
    this.subprotocol = subprotocol;
    this.decoder = new MessageDecoder(subprotocol.maxMessageBytes());
    this.inbound = commands.connect(this, meters);
  }

  // ---- the channel ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    inbound.begin();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    ended();
  }

  private void ended() {
    inbound.end();
    decoder.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    inbound.failed(cause);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (!(msg instanceof ByteBuf received) || !channel.isActive()) {
      ReferenceCountUtil.release(msg); // the rest of the request that was upgraded
      return;
    }
    boolean isTaken = inbound.receives();
    if (broken) {
      received.release();
      return;
    }
    decoder.feed(received);
    if (isTaken) {
      inbound.take();
    } else {
      awaitClose();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    inbound.readComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    inbound.writabilityChanged();
  }

  // ---- in ----

  @Override
  public @Nullable ClientFrame next() throws UnreadableException {
    try {
      for (Found found = decoder.next(); found != Found.NOTHING; found = decoder.next()) {
        if (found == subprotocol.kind()) {
          return subprotocol.read(decoder.payload());
        }
        if (!takeControl(found)) {
          return null;
        }
      }
      return null;
    } catch (ViolationException e) {
      closeCode = e.closeCode();
      broken = true;
      throw new UnreadableException("websocket_" + e.closeCode(), String.valueOf(e.getMessage()));
    }
  }

  /** False: nothing comes after it. */
  private boolean takeControl(Found found) throws ViolationException {
    switch (found) {
      case PING ->
        inbound
            .connection()
            .send(new ControlFrame(Opcode.PONG, ByteBufUtil.getBytes(decoder.payload())));
      case CLOSE -> {
        closeCode = answerTo(decoder.payload());
        peerClosed = true;
        inbound.peerLeaves();
        return false;
      }
      case TEXT, BINARY ->
        throw new ViolationException(
            CloseCode.UNSUPPORTED_DATA, "a message of the other kind than the subprotocol's");
      case PONG, NOTHING -> {}
    }
    return true;
  }

  /** The code that goes back for a Close: the same. */
  static int answerTo(ByteBuf payload) throws ViolationException {
    if (!payload.isReadable()) {
      return CloseCode.NO_STATUS;
    }
    if (payload.readableBytes() < 2
        || !CloseCode.isValid(payload.getUnsignedShort(payload.readerIndex()))) {
      throw new ViolationException(CloseCode.PROTOCOL_ERROR, "a close code that must not travel");
    }
    int code = payload.readUnsignedShort();
    try {
      ByteBuffer reason = payload.nioBuffer();
      StandardCharsets.UTF_8.newDecoder().decode(reason);
    } catch (CharacterCodingException e) {
      throw new ViolationException(CloseCode.INVALID_TEXT, "a close reason that is not UTF-8");
    }
    return code;
  }

  /** Our goodbye is said, or on its way: only the peer's Close still means something. */
  private void awaitClose() {
    try {
      for (Found found = decoder.next(); found != Found.NOTHING; found = decoder.next()) {
        peerClosed |= found == Found.CLOSE;
      }
    } catch (ViolationException e) {
      broken = true; // nothing more can be understood
    }
    if (closeSent && (peerClosed || broken)) {
      channel.close();
    }
  }

  // ---- Peer ----

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public AnswerFormat format() {
    return subprotocol.format();
  }

  @Override
  public int maxMessageBytes() {
    return subprotocol.maxMessageBytes();
  }

  @Override
  public int unfinishedBytes() {
    return decoder.unfinishedBytes();
  }

  @Override
  public void discard() {
    decoder.skipMessages();
  }

  @Override
  public void probe() {
    inbound.connection().send(ControlFrame.PING);
  }

  @Override
  public void finish(Farewell farewell) {
    int code = closeCode == NONE ? CloseCode.of(farewell) : closeCode;
    ControlFrame close = ControlFrame.close(code, peerClosed ? "" : farewell.word());
    if (!peerClosed && !broken) {
      awaitClose(); // it may have come already, behind what is not taken any more
    }
    closeSent = true;
    ByteBuf bytes = channel.alloc().buffer(close.size());
    close.writeTo(bytes);
    channel.writeAndFlush(bytes).addListener((ChannelFutureListener) sent -> {
      if (peerClosed || !sent.isSuccess()) {
        channel.close();
      } else if (broken) {
        OutputEnd.shut(channel); // not closed at once: unread bytes would reset it under our Close
      }
    });
  }
}

package io.gochat.bench.websocket;

import io.gochat.protocol.frame.FrameDecoder;
import io.gochat.protocol.frame.FrameException;
import io.gochat.protocol.frame.FrameHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * What a client writes as frames goes out as binary messages of {@code gochat.v1.protobuf}, and what comes in as messages
 * is read as frames: whoever speaks frames speaks WebSocket with this before it in the pipeline. Confined to its event
 * loop.
 */
public final class FramesOverWebSocket extends ChannelDuplexHandler {
  private static final String SUBPROTOCOL = "gochat.v1.protobuf";
  private static final int MAX_PAYLOAD = 1_048_576;
  private static final int LONGEST_ANSWER = 65_536;
  private static final long HANDSHAKE_MS = 30_000;

  private final FrameDecoder written = new FrameDecoder(FrameHeader.MAX_LENGTH);

  private FramesOverWebSocket() {}

  /** Adds all that it takes; what is added behind it hears of the connection once the handshake is done. */
  public static void install(ChannelPipeline pipeline, InetSocketAddress server) {
    WebSocketClientProtocolConfig config = WebSocketClientProtocolConfig.newBuilder()
        .webSocketUri(URI.create(
            "ws://" + server.getAddress().getHostAddress() + ":" + server.getPort() + "/ws"))
        .subprotocol(SUBPROTOCOL)
        .maxFramePayloadLength(MAX_PAYLOAD + FrameHeader.BYTES)
        .handshakeTimeoutMillis(HANDSHAKE_MS)
        .build();
    pipeline.addLast(
        new HttpClientCodec(),
        new HttpObjectAggregator(LONGEST_ANSWER),
        new WebSocketClientProtocolHandler(config),
        new FramesOverWebSocket());
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    // Not yet: userEventTriggered says when.
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
      context.fireChannelActive();
    } else {
      context.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof BinaryWebSocketFrame binary)) {
      ReferenceCountUtil.release(message);
      throw new IllegalStateException("the server sent a " + message.getClass().getSimpleName());
    }
    ByteBuf payload = binary.content();
    try {
      ByteBuf frame = context.alloc().buffer(FrameHeader.BYTES + payload.readableBytes());
      frame.writeInt(FrameHeader.VERSION << 24 | payload.readableBytes());
      frame.writeBytes(payload);
      context.fireChannelRead(frame);
    } finally {
      payload.release();
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws FrameException {
    if (!(message instanceof ByteBuf bytes)) {
      context.write(message, promise); // the handshake
      return;
    }
    written.feed(bytes);
    ChannelFuture last = null;
    for (ByteBuf payload = written.nextPayload();
        payload != null;
        payload = written.nextPayload()) {
      last = context.write(new BinaryWebSocketFrame(payload.copy()));
    }
    if (last == null) {
      promise.setSuccess();
    } else {
      last.addListener(done -> {
        if (done.isSuccess()) {
          promise.trySuccess();
        } else {
          promise.tryFailure(done.cause());
        }
      });
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    written.close();
  }
}

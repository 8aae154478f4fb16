package io.gochat.server.websocket;

import io.gochat.server.websocket.MessageDecoder.Found;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends every message back through the decoder and the headers of the server, for conformance suites, which want an echo.
 * CONTRIBUTING.md tells how to run one.
 */
final class EchoServer {
  private static final int MAX_BYTES = 32 << 20;
  private static final Pattern KEY =
      Pattern.compile("Sec-WebSocket-Key: *(\\S+)", Pattern.CASE_INSENSITIVE);

  private EchoServer() {}

  /** Listens on the port in the only argument until it is killed. */
  public static void main(String[] args) throws Exception {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .childHandler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new Echo());
          }
        })
        .bind("127.0.0.1", Integer.parseInt(args[0]))
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    private final MessageDecoder decoder = new MessageDecoder(MAX_BYTES);
    private final StringBuilder head = new StringBuilder();
    private boolean upgraded;
    private boolean closed;

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      decoder.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf received = (ByteBuf) message;
      if (!upgraded) {
        upgrade(ctx, received);
      }
      decoder.feed(received);
      try {
        for (Found found = decoder.next(); found != Found.NOTHING; found = decoder.next()) {
          answer(ctx, found, decoder.payload());
        }
      } catch (ViolationException e) {
        close(ctx, e.closeCode());
      }
      ctx.flush();
    }

    private void upgrade(ChannelHandlerContext ctx, ByteBuf received) {
      while (received.isReadable() && head.indexOf("\r\n\r\n") < 0) {
        head.append((char) received.readByte());
      }
      Matcher key = KEY.matcher(head);
      if (head.indexOf("\r\n\r\n") > 0 && key.find()) {
        upgraded = true;
        String accept = WebSocketUpgrade.accept(key.group(1));
        String answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n";
        ctx.write(ByteBufUtil.encodeString(
            ctx.alloc(), CharBuffer.wrap(answer), StandardCharsets.US_ASCII));
      }
    }

    private void answer(ChannelHandlerContext ctx, Found found, ByteBuf payload)
        throws ViolationException {
      if (closed) {
        return;
      }
      switch (found) {
        case TEXT -> send(ctx, Opcode.TEXT, payload);
        case BINARY -> send(ctx, Opcode.BINARY, payload);
        case PING -> send(ctx, Opcode.PONG, payload);
        case CLOSE -> close(ctx, WebSocketConnection.answerTo(payload));
        case PONG, NOTHING -> {}
      }
    }

    private static void send(ChannelHandlerContext ctx, int opcode, ByteBuf payload) {
      ByteBuf header = ctx.alloc().buffer(10);
      MessageHeader.write(opcode, payload.readableBytes(), header);
      ctx.write(header);
      ctx.write(payload.copy());
    }

    private void close(ChannelHandlerContext ctx, int code) {
      if (!closed) {
        closed = true;
        ByteBuf bytes = ctx.alloc().buffer();
        ControlFrame.close(code, "").writeTo(bytes);
        ctx.writeAndFlush(bytes).addListener(ChannelFutureListener.CLOSE);
      }
    }
  }
}

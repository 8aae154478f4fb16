package io.gochat.bench.load;

import io.gochat.bench.common.LoopGroups;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.Gap;
import io.gochat.protocol.Joined;
import io.gochat.protocol.Message;
import io.gochat.protocol.Pong;
import io.gochat.protocol.Published;
import io.gochat.protocol.Resumed;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.Welcome;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server that speaks both protocols just well enough for the load generator, and breaks the promises of delivery on
 * purpose: every tenth sequence of a topic, at the topic's first member. One event loop, so nothing needs a lock; the
 * counters may be read by any thread.
 */
final class FaultyServer implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("\"username\":\"([^\"]+)\"");
  private static final Pattern ROOM = Pattern.compile("\"room_id\":([1-9][0-9]*)");
  private static final Pattern USER = Pattern.compile("\"to_user_id\":([1-9][0-9]*)");
  private static final Pattern TEXT = Pattern.compile("\"msg\":\"([^\"]+)\"");

  /** What it does wrong. */
  enum Fault {
    NONE,
    DROP,
    DOUBLE,
    REORDER,
    CORRUPT,
    MISROUTE,
    GAP,
    REFUSE,
    DISCONNECT
  }

  final AtomicLong faults = new AtomicLong();
  final AtomicLong accepted = new AtomicLong();
  final AtomicInteger registrations = new AtomicInteger();

  private final Fault fault;
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel listener;
  private final Map<String, Long> users = new HashMap<>();
  private final Map<Topic, Log> logs = new HashMap<>();

  FaultyServer(Fault fault) {
    this.fault = fault;
    this.listener = new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .childHandler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new Sniffer());
          }
        })
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .syncUninterruptibly()
        .channel();
  }

  /** For {@code --attach}. */
  /** Whether it breaks a promise. */
  boolean isFaulty() {
    return fault != Fault.NONE;
  }

  String address() {
    return "127.0.0.1:" + ((InetSocketAddress) listener.localAddress()).getPort();
  }

  @Override
  public void close() {
    LoopGroups.close(group);
  }

  private static final class Log {
    long lastSeq;
    final List<ChannelHandlerContext> members = new ArrayList<>();

    @Nullable
    ServerFrame heldBack;
  }

  private long publish(Topic topic, String text) {
    Log log = logs.computeIfAbsent(topic, t -> new Log());
    long seq = ++log.lastSeq;
    accepted.incrementAndGet();
    ServerFrame delivery = delivery(topic, seq, text);
    for (int i = 0; i < log.members.size(); i++) {
      ChannelHandlerContext member = log.members.get(i);
      if (i > 0) {
        write(member, delivery);
      } else {
        faultily(log, member, topic, seq, text);
      }
    }
    return seq;
  }

  private void faultily(Log log, ChannelHandlerContext member, Topic topic, long seq, String text) {
    ServerFrame delivery = delivery(topic, seq, text);
    if (seq % 10 != 0) {
      write(member, delivery);
      if (log.heldBack != null) {
        write(member, log.heldBack);
        log.heldBack = null;
      }
      return;
    }
    faults.incrementAndGet();
    switch (fault) {
      case NONE, REFUSE -> write(member, delivery);
      case DROP -> {}
      case DOUBLE -> {
        write(member, delivery);
        write(member, delivery);
      }
      case REORDER -> log.heldBack = delivery;
      case CORRUPT -> write(member, delivery(topic, seq, text.replace('.', '!')));
      case MISROUTE -> {
        write(member, delivery);
        write(
            member,
            delivery(topic.toBuilder().setRoomId(topic.getRoomId() + 999).build(), seq, text));
      }
      case GAP ->
        write(
            member,
            ServerFrame.newBuilder()
                .setGap(Gap.newBuilder()
                    .setTopic(topic)
                    .setFromSeq(seq)
                    .setToSeq(seq)
                    .setEpoch(7))
                .build());
      case DISCONNECT -> member.close();
    }
  }

  private static ServerFrame delivery(Topic topic, long seq, String text) {
    return ServerFrame.newBuilder()
        .setDelivery(Message.newBuilder()
            .setMessageId(seq)
            .setTopic(topic)
            .setSeq(seq)
            .setFromUserId(1)
            .setFromUserName("somebody")
            .setText(text)
            .setCreatedAtMs(1_700_000_000_000L))
        .build();
  }

  private static void write(ChannelHandlerContext ctx, ServerFrame frame) {
    byte[] payload = frame.toByteArray();
    ByteBuf out = Unpooled.buffer(payload.length + 4);
    out.writeInt(1 << 24 | payload.length).writeBytes(payload);
    ctx.writeAndFlush(out);
  }

  private final class Sniffer extends ByteToMessageDecoder {
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      if (in.getByte(in.readerIndex()) == 1) {
        ctx.pipeline().addLast(new LengthFieldBasedFrameDecoder(1 << 20, 1, 3, 0, 4), new Frames());
      } else {
        ctx.pipeline()
            .addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 20), new Http());
      }
      ctx.pipeline().remove(this);
    }
  }

  private final class Frames extends SimpleChannelInboundHandler<ByteBuf> {
    private long userId;

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) throws Exception {
      ClientFrame frame = ClientFrame.parseFrom(in.nioBuffer());
      ServerFrame.Builder answer = ServerFrame.newBuilder().setRequestId(frame.getRequestId());
      switch (frame.getCommandCase()) {
        case HELLO -> write(ctx, answer.setWelcome(welcome(ctx, frame)).build());
        case JOIN -> write(ctx, answer.setJoined(joined(ctx, frame)).build());
        case PUBLISH -> write(ctx, published(frame, answer));
        case PING -> write(ctx, answer.setPong(Pong.getDefaultInstance()).build());
        default -> {}
      }
    }

    private Welcome welcome(ChannelHandlerContext ctx, ClientFrame frame) {
      userId = users.getOrDefault(frame.getHello().getToken(), 0L);
      Topic inbox = Topic.newBuilder().setUserId(userId).build();
      Log log = logs.computeIfAbsent(inbox, t -> new Log());
      log.members.add(ctx);
      return Welcome.newBuilder()
          .setUserId(userId)
          .setHeartbeatMs(30_000)
          .addResumed(start(inbox, log))
          .build();
    }

    private Joined joined(ChannelHandlerContext ctx, ClientFrame frame) {
      Topic room = Topic.newBuilder().setRoomId(frame.getJoin().getRoomId()).build();
      Log log = logs.computeIfAbsent(room, t -> new Log());
      log.members.add(ctx);
      return Joined.newBuilder()
          .setResumed(start(room, log))
          .setMemberCount(log.members.size())
          .build();
    }

    private ServerFrame published(ClientFrame frame, ServerFrame.Builder answer) {
      if (fault == Fault.REFUSE && accepted.get() % 10 == 9 && faults.incrementAndGet() % 2 == 1) {
        return answer.setError(Error.newBuilder().setCode(ErrorCode.OVERLOADED)).build();
      }
      long seq = publish(frame.getPublish().getTopic(), frame.getPublish().getText());
      return answer
          .setPublished(Published.newBuilder().setMessageId(seq).setSeq(seq))
          .build();
    }

    private Resumed start(Topic topic, Log log) {
      return Resumed.newBuilder()
          .setTopic(topic)
          .setEpoch(7)
          .setSeq(log.lastSeq)
          .setNextSeq(log.lastSeq + 1)
          .setRecovered(true)
          .build();
    }
  }

  private final class Http extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      String body = request.content().toString(StandardCharsets.UTF_8);
      switch (request.uri()) {
        case "/user/register" -> {
          registrations.incrementAndGet();
          users.put(group(NAME, body), (long) users.size() + 1);
          answer(ctx, 200, "{\"code\":200}");
        }
        case "/user/login" -> login(ctx, group(NAME, body));
        case "/user/checkAuth" -> {
          boolean isKnown =
              users.keySet().stream().anyMatch(name -> body.contains("\"" + name + "\""));
          answer(ctx, isKnown ? 200 : 401, "{}");
        }
        case "/push/pushRoom" -> {
          publish(
              Topic.newBuilder().setRoomId(Long.parseLong(group(ROOM, body))).build(),
              group(TEXT, body));
          answer(ctx, 200, "{\"code\":200}");
        }
        case "/push/push" -> {
          publish(
              Topic.newBuilder().setUserId(Long.parseLong(group(USER, body))).build(),
              group(TEXT, body));
          answer(ctx, 200, "{\"code\":200}");
        }
        default -> answer(ctx, 404, "{}");
      }
    }

    private void login(ChannelHandlerContext ctx, String name) {
      Long id = users.get(name);
      if (id == null) {
        answer(ctx, 401, "{\"code\":400}");
      } else {
        // The name is token enough here.
        answer(
            ctx,
            200,
            "{\"code\":200,\"user_id\":" + id + ",\"username\":\"" + name + "\",\"token\":\"" + name
                + "\"}");
      }
    }

    private void answer(ChannelHandlerContext ctx, int status, String body) {
      FullHttpResponse response = new DefaultFullHttpResponse(
          HttpVersion.HTTP_1_1,
          HttpResponseStatus.valueOf(status),
          Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
      ctx.writeAndFlush(response);
    }

    private static String group(Pattern pattern, String body) {
      Matcher matcher = pattern.matcher(body);
      if (!matcher.find()) {
        throw new IllegalArgumentException(pattern + " is not in the body");
      }
      return matcher.group(1);
    }
  }
}

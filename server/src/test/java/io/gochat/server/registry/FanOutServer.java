package io.gochat.server.registry;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.messaging.Topic;
import io.gochat.server.net.EventLoops;
import io.gochat.server.net.Transport;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * The fan-out on real sockets, with the smallest protocol: a client says which format and where it starts, and may ask for
 * an answer. One event loop, as many ports as wanted. For one thread, but for its public fields.
 */
final class FanOutServer implements AutoCloseable {
  static final Topic ROOM = Topic.room(7);
  static final List<SeqFormat> FORMATS = List.of(
      new SeqFormat((byte) 'a', 1), new SeqFormat((byte) 'b', 1), new SeqFormat((byte) 'c', 3));

  /** Beside the format in a client's first byte: join from now on, as another user. */
  static final int FROM_NOW = 4;

  static final int OTHER_USER = 8;

  /** Ask for an answer, and for a message that is committed after it. */
  static final byte ASK = '?';

  final MemoryLog log = new MemoryLog();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final Budgets budgets;
  final SweepingFanOut fanOut;
  /** How many have joined so far. */
  final AtomicInteger joined = new AtomicInteger();

  final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final ByteBufAllocator allocator;
  private final EventLoops loops;
  private final Class<? extends ServerChannel> serverChannel;
  private final List<Channel> listening = new ArrayList<>();
  private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final List<SeqClient> clients = new ArrayList<>();

  FanOutServer(Transport transport, FanOutOptions options, Budgets.Limits limits) {
    this(transport, options, limits, PooledByteBufAllocator.DEFAULT);
  }

  /** Its connections take their memory from {@code allocator}. */
  FanOutServer(
      Transport transport,
      FanOutOptions options,
      Budgets.Limits limits,
      ByteBufAllocator allocator) {
    this.allocator = allocator;
    budgets = new Budgets(limits, meters);
    loops = EventLoops.start(transport, 1, () -> System.nanoTime() / 1_000_000);
    serverChannel = loops.transport() == Transport.EPOLL
        ? EpollServerSocketChannel.class
        : NioServerSocketChannel.class;
    fanOut = new SweepingFanOut(log, loops.all(), options, budgets, meters);
    log.listener(fanOut);
    loops.work(loop(), fanOut.sweepOf(loop()));
  }

  EventLoop loop() {
    return loops.all().get(0);
  }

  /** Opens a port; with TLS when there is a context. */
  InetSocketAddress listen(@Nullable SSLContext tls) {
    if (tls == null) {
      return open(channel -> {});
    }
    return listenBehind(memory -> {
      SSLEngine engine = tls.createSSLEngine();
      engine.setUseClientMode(false);
      return new SslHandler(engine);
    });
  }

  /** Opens a port with TLS of another make. */
  InetSocketAddress listenBehind(Function<ByteBufAllocator, SslHandler> tls) {
    return open(channel -> channel.pipeline().addLast(tls.apply(channel.alloc())));
  }

  private InetSocketAddress open(Consumer<Channel> first) {
    Channel server = new ServerBootstrap()
        .group(loop())
        .channel(serverChannel)
        .childOption(ChannelOption.ALLOCATOR, allocator)
        .childOption(ChannelOption.SO_SNDBUF, 32 * 1024)
        .childHandler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            accepted.add(channel);
            first.accept(channel);
            channel.pipeline().addLast(new Talk());
          }
        })
        .bind(InetAddress.getLoopbackAddress(), 0)
        .syncUninterruptibly()
        .channel();
    listening.add(server);
    return (InetSocketAddress) server.localAddress();
  }

  /** Connects a client that joins from the start; it is closed with this. */
  SeqClient join(InetSocketAddress port, @Nullable SSLContext tls, int wish) throws IOException {
    SeqClient client = new SeqClient(port, tls, wish);
    clients.add(client);
    return client;
  }

  /** How many connections are open. */
  int open() {
    return accepted.size();
  }

  /** Closes the clients first: a TLS connection says goodbye to its peer before it closes. */
  @Override
  public void close() throws IOException {
    for (SeqClient client : clients) {
      client.close();
    }
    accepted.newCloseFuture().syncUninterruptibly();
    for (Channel server : listening) {
      server.close().syncUninterruptibly();
    }
    loops.close();
  }

  /** One connection on the server's side. */
  private final class Talk extends ChannelInboundHandlerAdapter implements Connection {
    private @Nullable Channel channel;
    private FanOut.@Nullable Subscriber subscriber;
    private SeqFormat format = FORMATS.get(0);
    private long userId;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      channel = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf in = (ByteBuf) msg;
      try {
        if (subscriber == null) {
          byte wish = in.readByte();
          format = FORMATS.get(wish & 3);
          userId = (wish & OTHER_USER) == 0 ? 1 : 2;
          subscriber = fanOut.open(this);
          subscriber.attach(ROOM, MemoryLog.EPOCH, (wish & FROM_NOW) == 0 ? 1 : log.last(ROOM) + 1);
          joined.incrementAndGet();
        }
        while (in.isReadable()) {
          in.readByte();
          answer(ctx);
        }
      } finally {
        in.release();
      }
    }

    // Nothing flushes it but the push that comes behind.
    private void answer(ChannelHandlerContext ctx) {
      ByteBuf answer = ctx.alloc().directBuffer();
      format.write('A', log.last(ROOM) + 1, 0, answer);
      ctx.write(answer);
      log.commit(ROOM, List.of(new byte[] {1}));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (subscriber != null) {
        subscriber.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failures.add(cause);
      ctx.close();
    }

    @Override
    public Channel channel() {
      return Objects.requireNonNull(channel);
    }

    @Override
    public long userId() {
      return userId;
    }

    @Override
    public String username() {
      return "u";
    }

    @Override
    public String deviceId() {
      return "";
    }

    @Override
    public String sessionId() {
      return "s";
    }

    @Override
    public WireFormat wireFormat() {
      return format;
    }

    @Override
    public void close(CloseReason reason) {
      channel().close();
    }
  }
}

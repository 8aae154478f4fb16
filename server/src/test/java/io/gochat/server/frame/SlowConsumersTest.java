package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Message;
import io.gochat.protocol.Ping;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameDecoder;
import io.gochat.protocol.frame.FrameException;
import io.gochat.protocol.frame.FrameStreams;
import io.gochat.server.frame.FrameServer.User;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A room of five hundred in which three do not keep up: order, completeness and memory. What it costs the others in time
 * is measured by {@code ./gochat load slow}.
 */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class SlowConsumersTest {
  private static final long ROOM = 7;
  private static final int MEMBERS = 500;
  private static final int MESSAGES = 640;
  private static final String TEXT = "x".repeat(8_000);

  /**
   * What the server may hold for this room, in direct memory: on each of its two loops a megabyte for stragglers and what
   * is being read, per slow member a read of the log. Queues would take three times five megabytes.
   */
  private static final long MOST_BYTES = 4 << 20;

  @TempDir
  Path directory;

  private FrameServer server;
  private final EventLoopGroup clients =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

  private void start(String... flags) throws Exception {
    server = new FrameServer(directory, flags);
  }

  @AfterEach
  void stop() {
    scheduler.shutdownNow();
    clients.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    server.close();
  }

  @Test
  void three_slow_members_of_500_hold_nobody_up_cost_little_memory_and_get_everything()
      throws Exception {
    start();
    User user = server.user();
    List<Member> others = join(MEMBERS - 3, user);
    try (FrameTestClient never = slow(4_096);
        FrameTestClient trickling = slow(4_096);
        FrameTestClient stopped = slow(0);
        FrameTestClient sender = server.connect(server.user())) {
      List<Message> trickle = new ArrayList<>();
      ScheduledFuture<?> reading = scheduler.scheduleAtFixedRate(
          () -> trickle.add(trickling.delivery()), 1, 8, TimeUnit.SECONDS); // 1 KB/s
      long before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
      long most = 0;
      for (int i = 1; i <= MESSAGES; i++) {
        long id = sender.post(publishing(room(ROOM), TEXT, ""));
        if (i % 32 == 0) {
          assertThat(sender.answer(id).hasPublished()).isTrue();
          // Else the five hundred, who share a machine with the server, would be slow ones too.
          awaitAll(others, i);
          most = Math.max(most, PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - before);
        }
      }
      reading.cancel(false);
      scheduler.submit(() -> {}).get(30, TimeUnit.SECONDS);

      assertThat(others).allSatisfy(member -> assertThat(member.faults).isEmpty());
      assertThat(most).isLessThan(MOST_BYTES);
      assertThat(server.pendingBytes()).isLessThan(MOST_BYTES / 2);
      assertThat(server.registry.size()).isEqualTo(MEMBERS + 1);
      readsEverything(stopped, 0);
      readsEverything(trickling, trickle.size());
      readsEverything(never, 0);
    }
  }

  @Test
  void a_member_that_never_reads_is_closed_at_the_deadline_and_the_others_are_not()
      throws Exception {
    start();
    List<Member> others = join(5, server.user());
    try (FrameTestClient never = slow(4_096)) {
      publish(MESSAGES / 2);
      awaitAll(others, MESSAGES / 2);
      for (int i = 0; i < 3; i++) {
        server.advance(Duration.ofSeconds(29));
        never.post(pinging()); // it is alive, and its pongs are no sign that it reads
        others.forEach(Member::ping);
        await().until(() -> others.stream().allMatch(Member::isAnswered));
      }
      assertThat(server.closed("overload")).isZero();
      server.advance(Duration.ofSeconds(70)); // over two minutes since the first look at what waits

      assertThat(server.closed("overload")).isEqualTo(1);
      server.advance(Duration.ofSeconds(5));
      await().until(() -> server.registry.size() == others.size());
      publish(1);
      awaitAll(others, MESSAGES / 2 + 1);
      assertThat(others).allSatisfy(member -> assertThat(member.faults).isEmpty());
    }
  }

  @Test
  void a_member_that_retention_overtakes_is_told_exactly_what_it_missed() throws Exception {
    int kept = 50;
    start("--retention-count=" + kept);
    List<Member> others = join(1, server.user());
    try (FrameTestClient slow = slow(4_096)) {
      publish(MESSAGES);
      awaitAll(others, MESSAGES);

      List<ServerFrame> seen = new ArrayList<>();
      long next = 1;
      int gaps = 0;
      while (next <= MESSAGES) {
        ServerFrame frame = slow.push();
        seen.add(frame);
        if (frame.hasGap()) {
          assertThat(frame.getGap().getFromSeq()).isEqualTo(next);
          assertThat(frame.getGap().getToSeq()).isGreaterThanOrEqualTo(next);
          next = frame.getGap().getToSeq() + 1;
          gaps++;
        } else {
          assertThat(frame.getDelivery().getSeq()).isEqualTo(next++);
        }
      }
      assertThat(gaps).isPositive();
      assertThat(seen).hasSizeGreaterThan(kept);
      slow.expectNothing();
    }
  }

  private static ClientFrame.Builder pinging() {
    return ClientFrame.newBuilder().setPing(Ping.getDefaultInstance());
  }

  private void publish(int count) {
    try (FrameTestClient sender = server.connect(server.user())) {
      for (int i = 1; i <= count; i++) {
        long id = sender.post(publishing(room(ROOM), TEXT, ""));
        if (i % 32 == 0 || i == count) {
          assertThat(sender.answer(id).hasPublished()).isTrue();
        }
      }
    }
  }

  private static void awaitAll(List<Member> members, long seq) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> members.stream().allMatch(member -> member.seq >= seq));
  }

  private FrameTestClient slow(int receiveBytes) {
    FrameTestClient client = server.connect(receiveBytes);
    client.hello(server.user().token());
    client.join(ROOM);
    return client;
  }

  private static void readsEverything(FrameTestClient client, int alreadyRead) {
    long seq = alreadyRead;
    for (Message message : client.deliveries(MESSAGES - alreadyRead)) {
      assertThat(message.getSeq()).isEqualTo(++seq);
      assertThat(message.getText()).isEqualTo(TEXT);
    }
    client.expectNothing();
  }

  private List<Member> join(int count, User user) {
    List<Member> members = new ArrayList<>();
    Bootstrap bootstrap = new Bootstrap()
        .group(clients)
        .channel(NioSocketChannel.class)
        // The pool is the server's alone, so that its memory can be told.
        .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT);
    for (int i = 0; i < count; i++) {
      Member member = new Member(user.token());
      members.add(member);
      bootstrap
          .clone()
          .handler(member)
          .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()))
          .syncUninterruptibly();
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> members.stream().allMatch(member -> member.joined));
    return members;
  }

  /** A member that reads what comes. Confined to the clients' loop, but for what is volatile. */
  private static final class Member extends ChannelInboundHandlerAdapter {
    private final String token;
    private final FrameDecoder decoder = new FrameDecoder(Limits.MAX_OUTBOUND_FRAME_BYTES);
    final List<String> faults = new CopyOnWriteArrayList<>();
    private @Nullable ChannelHandlerContext context;
    volatile boolean joined;
    volatile boolean answered;
    volatile long seq;

    Member(String token) {
      this.token = token;
    }

    void ping() {
      answered = false;
      Objects.requireNonNull(context)
          .writeAndFlush(Unpooled.wrappedBuffer(FrameStreams.toBytes(pinging().build())));
    }

    boolean isAnswered() {
      return answered;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      context = ctx;
      ctx.write(Unpooled.wrappedBuffer(FrameStreams.toBytes(ClientFrame.newBuilder()
          .setRequestId(1)
          .setHello(Hello.newBuilder().setToken(token))
          .build())));
      ctx.writeAndFlush(Unpooled.wrappedBuffer(FrameStreams.toBytes(ClientFrame.newBuilder()
          .setRequestId(2)
          .setJoin(Join.newBuilder().setRoomId(ROOM))
          .build())));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws FrameException {
      decoder.feed((ByteBuf) message);
      for (ServerFrame frame = decoder.next(ServerFrame.parser());
          frame != null;
          frame = decoder.next(ServerFrame.parser())) {
        take(frame);
      }
    }

    private void take(ServerFrame frame) {
      switch (frame.getEventCase()) {
        case JOINED -> joined = true;
        case PONG -> answered = true;
        case DELIVERY -> {
          long next = frame.getDelivery().getSeq();
          if (next != seq + 1) {
            faults.add(next + " after " + seq);
          }
          seq = next;
        }
        case WELCOME, PRESENCE -> {}
        default -> faults.add(frame.toString());
      }
    }
  }
}

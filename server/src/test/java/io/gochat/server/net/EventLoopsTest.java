package io.gochat.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Execution(ExecutionMode.CONCURRENT) // they wait more than they work
class EventLoopsTest {
  private final AtomicLong clockMs = new AtomicLong();

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void pending_work_runs_again_and_again_and_sockets_are_served_between(Transport transport)
      throws Exception {
    try (EventLoops loops = EventLoops.start(transport, 1, clockMs::get)) {
      EndlessWork work = new EndlessWork();
      Channel server = echoOn(loops);
      loops.work(loops.all().get(0), work);
      await().atMost(Duration.ofSeconds(30)).until(() -> work.runs.get() > 1_000);

      try (Socket socket = connect(server)) {
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream();
        for (int i = 0; i < 100; i++) {
          out.write(i);
          assertThat(in.read()).isEqualTo(i);
        }
      }

      CountDownLatch task = new CountDownLatch(1);
      loops.all().get(0).execute(task::countDown);
      assertThat(task.await(30, TimeUnit.SECONDS)).isTrue();
      server.close().sync();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void what_is_open_is_closed_when_the_stop_falls_among_the_tasks_of_a_turn(Transport transport)
      throws Exception {
    EventLoops loops = EventLoops.start(transport, 1, clockMs::get);
    EventLoop loop = loops.all().get(0);
    Channel server = echoOn(loops);
    try (Socket socket = connect(server)) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(7);
      assertThat(socket.getInputStream().read()).isEqualTo(7);
      CountDownLatch inTask = new CountDownLatch(1);
      loop.execute(() -> {
        inTask.countDown();
        while (!loop.isShuttingDown()) {
          Thread.onSpinWait();
        }
      });
      assertThat(inTask.await(30, TimeUnit.SECONDS)).isTrue();

      loops.close();

      assertThat(server.isOpen()).isFalse();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void a_loop_without_pending_work_blocks_instead_of_spinning(Transport transport)
      throws Exception {
    try (EventLoops loops = EventLoops.start(transport, 1, clockMs::get)) {
      EventLoop loop = loops.all().get(0);
      AtomicInteger asked = new AtomicInteger();
      loops.work(loop, new LoopWork() {
        @Override
        public boolean pending() {
          asked.incrementAndGet();
          return false;
        }

        @Override
        public void run() {}
      });
      long thread = loop.submit(() -> Thread.currentThread().getId()).get();
      AtomicInteger ticks = countTicks(loops, loop);

      // Two ticks of the loop's own timer: a second in which it had nothing else to do.
      await().atMost(Duration.ofSeconds(30)).until(() -> ticks.get() >= 1);
      long cpuBefore = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
      int askedBefore = asked.get();
      await().atMost(Duration.ofSeconds(30)).until(() -> ticks.get() >= 2);
      long cpuNanos = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread) - cpuBefore;

      assertThat(cpuNanos).isLessThan(Duration.ofMillis(300).toNanos());
      assertThat(asked.get() - askedBefore).isLessThan(500);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void a_task_does_work_at_once_and_a_second_time_only_behind_a_poll(Transport transport)
      throws Exception {
    try (EventLoops loops = EventLoops.start(transport, 1, clockMs::get)) {
      EventLoop loop = loops.all().get(0);
      EndlessWork work = new EndlessWork();

      int ran = loop.submit(() -> {
            loops.work(loop, work);
            EventLoops.workNow(loop);
            EventLoops.workNow(loop);
            return work.runs.get();
          })
          .get(30, TimeUnit.SECONDS);

      assertThat(ran).isEqualTo(1);
      await().atMost(Duration.ofSeconds(30)).until(() -> work.runs.get() > 10);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void work_that_throws_does_not_end_the_loop(Transport transport) throws Exception {
    try (EventLoops loops = EventLoops.start(transport, 1, clockMs::get)) {
      EventLoop loop = loops.all().get(0);
      AtomicInteger left = new AtomicInteger(3);
      loops.work(loop, new LoopWork() {
        @Override
        public boolean pending() {
          return left.get() > 0;
        }

        @Override
        public void run() {
          left.decrementAndGet();
          throw new IllegalStateException("on purpose");
        }
      });

      await().atMost(Duration.ofSeconds(30)).until(() -> left.get() == 0);

      assertThat(loop.submit(() -> 7).get(30, TimeUnit.SECONDS)).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void every_loop_has_a_timer_on_its_own_thread(Transport transport) {
    try (EventLoops loops = EventLoops.start(transport, 3, clockMs::get)) {
      assertThat(loops.all()).hasSize(3);

      List<AtomicInteger> ticks = new ArrayList<>();
      for (EventLoop loop : loops.all()) {
        ticks.add(countTicks(loops, loop));
      }
      await().until(() -> ticks.stream().allMatch(each -> each.get() > 0));
    }
  }

  @Test
  void one_entry_that_throws_does_not_keep_the_others_from_their_deadlines() {
    LoopTimer timer = new LoopTimer(clockMs::get);
    AtomicInteger ticks = new AtomicInteger();
    timer.register(new Entry(ticks::incrementAndGet));
    timer.register(new Entry(() -> {
      throw new IllegalStateException("on purpose");
    }));
    timer.register(new Entry(ticks::incrementAndGet));

    timer.tick();

    assertThat(ticks.get()).isEqualTo(2);
  }

  private AtomicInteger countTicks(EventLoops loops, EventLoop loop) {
    AtomicInteger ticks = new AtomicInteger();
    loop.execute(() -> loops.timer(loop).register(new Entry(() -> {
      assertThat(loop.inEventLoop()).isTrue();
      ticks.incrementAndGet();
    })));
    return ticks;
  }

  private static Channel echoOn(EventLoops loops) throws InterruptedException {
    return new ServerBootstrap()
        .group(loops.group())
        .channel(loops.serverChannel())
        .childHandler(new Echo())
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .sync()
        .channel();
  }

  private static Socket connect(Channel server) throws IOException {
    InetSocketAddress address = (InetSocketAddress) server.localAddress();
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(30_000);
    return socket;
  }

  /** Never done, as a saturated fan-out. */
  private static final class EndlessWork implements LoopWork {
    final AtomicInteger runs = new AtomicInteger();

    @Override
    public boolean pending() {
      return true;
    }

    @Override
    public void run() {
      runs.incrementAndGet();
    }
  }

  @Sharable
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ctx.writeAndFlush((ByteBuf) msg);
    }
  }

  private static final class Entry implements Timed {
    private final Runnable onTick;
    private int slot = -1;

    Entry(Runnable onTick) {
      this.onTick = onTick;
    }

    @Override
    public void onTick(long nowMs) {
      onTick.run();
    }

    @Override
    public int timerSlot() {
      return slot;
    }

    @Override
    public void timerSlot(int newSlot) {
      slot = newSlot;
    }
  }
}

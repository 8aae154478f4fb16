package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import io.gochat.bench.load.UserPool.User;
import io.gochat.bench.process.ProcessProbe;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * A storm of connections, each until its {@code Welcome}, and then nothing: what a connection costs in time, memory and
 * idle CPU. Confined to the calling thread; the connections live on {@link Loops}.
 */
final class ConnectRun implements AutoCloseable {
  private static final long SAMPLE_MS = 250;
  private static final int PARTS = 20;

  private final LoadPlan plan;
  private final UserPool pool;
  private final @Nullable ProcessProbe server;
  private final ProgressLine progress;
  private final Ending ending;
  private final Loops loops;
  private final Recorder connectNs = new Recorder(ReceiverLoop.MAX_NS, 3);
  private final Recorder readyNs = new Recorder(ReceiverLoop.MAX_NS, 3);
  private final List<CompletableFuture<Integer>> pending = new ArrayList<>();
  private final List<Channel> channels = new ArrayList<>();
  private final CpuCost perConnection = new CpuCost();

  ConnectRun(
      LoadPlan plan,
      UserPool pool,
      @Nullable ProcessProbe server,
      ProgressLine progress,
      Ending ending) {
    this.plan = plan;
    this.pool = pool;
    this.server = server;
    this.progress = progress;
    this.ending = ending;
    this.loops = new Loops(plan.loops(), plan.via());
  }

  /** Runs it; the result as {@link Results} describes it. */
  Map<String, @Nullable Object> run() throws IOException, InterruptedException {
    progress.say("signing in " + plan.shape().users() + " users");
    List<User> users = pool.signedIn(plan.shape().users());
    LoadClock clock = new LoadClock(
        new Stamp(ThreadLocalRandom.current().nextInt(), plan.textBytes()), () -> {}, ending);
    double heapBefore = server == null ? Double.NaN : HeapProbe.liveBytes(server);
    long rssBefore = server == null ? 0 : server.rssBytes();
    Map<String, @Nullable Object> phase = Json.object();
    phase.put("name", "storm, then idle");
    long cpuBefore = server == null ? 0 : server.cpuNs();
    storm(users, clock, phase);
    long cpuNs = server == null ? 0 : server.cpuNs() - cpuBefore;
    idle(phase);
    if (server != null) {
      int count = plan.shape().members();
      phase.put("rss_per_connection_bytes", (server.rssBytes() - rssBefore) / (double) count);
      phase.put("heap_per_connection_bytes", (HeapProbe.liveBytes(server) - heapBefore) / count);
      Map<String, @Nullable Object> figures = Json.object();
      figures.put("pid", server.pid());
      figures.put("rss_bytes", server.rssBytes());
      figures.put("us_per_connection", cpuNs / 1e3 / Math.max(1, pending.size()));
      figures.put("us_per_connection_spread", perConnection.spread());
      phase.put("server", figures);
    }
    phase.put("timeline", List.of());
    Violations violations = finish();
    progress.done();
    List<@Nullable Object> phases = new ArrayList<>();
    phases.add(phase);
    return Results.of(plan, phases, violations, clock.notes());
  }

  @Override
  public void close() {
    progress.done();
    loops.close();
  }

  private void storm(List<User> users, LoadClock clock, Map<String, @Nullable Object> phase)
      throws InterruptedException {
    int count = plan.shape().members();
    Semaphore window =
        new Semaphore(plan.pace().isOpenLoop() ? count : plan.pace().window());
    long startNs = System.nanoTime();
    int part = Math.max(1, count / PARTS);
    long cpuNs = server == null ? 0 : server.cpuNs();
    for (int i = 0; i < count && !ending.isDue(server); i++) {
      long dueNs = dueNs(startNs, i);
      sleepUntil(dueNs);
      window.acquire();
      open(
          i,
          users.get(i % users.size()),
          clock,
          plan.pace().isOpenLoop() ? dueNs : System.nanoTime(),
          window);
      if (server != null && (i + 1) % part == 0) {
        long nowNs = server.cpuNs();
        perConnection.add((double) (nowNs - cpuNs), part);
        cpuNs = nowNs;
      }
      if (i % 200 == 0) {
        progress.say("connecting: " + i + " of " + count);
      }
    }
    int heartbeatMs = 0;
    for (CompletableFuture<Integer> ready : pending) {
      heartbeatMs = Loops.await(ready);
    }
    tell(phase, startNs);
    for (ReceiverLoop loop : loops.receivers()) {
      loop.startPings(Math.max(1000, heartbeatMs));
    }
  }

  private static void sleepUntil(long dueNs) throws InterruptedException {
    for (long leftNs = dueNs - System.nanoTime(); leftNs > 0; leftNs = dueNs - System.nanoTime()) {
      TimeUnit.NANOSECONDS.sleep(leftNs);
    }
  }

  private void tell(Map<String, @Nullable Object> phase, long startNs) {
    phase.put("connections", pending.size());
    phase.put("connected_per_s", pending.size() / ((System.nanoTime() - startNs) / 1e9));
    phase.put("connect_us", Latencies.toJson(connectNs.getIntervalHistogram()));
    phase.put("ready_us", Latencies.toJson(readyNs.getIntervalHistogram()));
  }

  private long dueNs(long startNs, int index) {
    return plan.pace().isOpenLoop()
        ? startNs + Math.round(index * 1e9 / plan.pace().perSecond())
        : startNs;
  }

  private void open(int index, User user, LoadClock clock, long intendedNs, Semaphore window) {
    ReceiverLoop loop = loops.receivers().get(index % loops.receivers().size());
    ReceiverConnection receiver = new ReceiverConnection(loop, clock, TopicPlan.none(), user);
    pending.add(receiver.ready());
    receiver.ready().whenComplete((heartbeat, failure) -> {
      window.release();
      if (failure == null) {
        readyNs.recordValue(
            Math.min(ReceiverLoop.MAX_NS, Math.max(0, System.nanoTime() - intendedNs)));
      }
    });
    loop.eventLoop.execute(() -> loop.receivers.add(receiver));
    channels.add(loops
        .connect(loop.eventLoop, plan.target(index), plan, index, receiver)
        .addListener(done -> {
          if (done.isSuccess()) {
            connectNs.recordValue(
                Math.min(ReceiverLoop.MAX_NS, Math.max(0, System.nanoTime() - intendedNs)));
          } else {
            receiver
                .ready()
                .completeExceptionally(new LoadFailure("cannot connect to "
                    + plan.target(index).text() + ": " + done.cause().getMessage()));
          }
        })
        .channel());
  }

  private void idle(Map<String, @Nullable Object> phase) throws InterruptedException {
    long cpuBefore = server == null ? 0 : server.cpuNs();
    long fromNs = System.nanoTime();
    long toNs = fromNs + plan.pace().measured().toNanos();
    while (System.nanoTime() < toNs && !ending.isDue(server)) {
      progress.say(String.format(
          Locale.ROOT,
          "idle: %d connections, %.0f s left",
          channels.size(),
          (toNs - System.nanoTime()) / 1e9));
      TimeUnit.MILLISECONDS.sleep(SAMPLE_MS);
    }
    phase.put("seconds", (System.nanoTime() - fromNs) / 1e9);
    if (server != null) {
      phase.put("idle_cores", (server.cpuNs() - cpuBefore) / (double) (System.nanoTime() - fromNs));
    }
  }

  private Violations finish() throws InterruptedException {
    Violations all = new Violations();
    for (ReceiverLoop loop : loops.receivers()) {
      all.add(loop.eventLoop
          .submit(() -> {
            loop.receivers.forEach(receiver -> receiver.finish(0));
            return loop.violations;
          })
          .sync()
          .getNow());
    }
    return all;
  }
}

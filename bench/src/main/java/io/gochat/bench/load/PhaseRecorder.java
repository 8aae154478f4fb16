package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import io.gochat.bench.process.ProcessProbe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What is measured during one phase: samples four times a second, and the totals between two instants. Confined to the
 * thread that runs the scenario, which also takes the samples.
 */
final class PhaseRecorder {
  private static final double NS_PER_US = 1e3;
  // A shorter span says more about the 10 ms in which the kernel counts CPU time.
  private static final long SHORTEST_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Loops loops;
  private final Pacer pacer;
  private final @Nullable ProcessProbe server;
  private final Histogram deliveries = histogram();
  private final Histogram answers = histogram();
  private final Histogram lateness = histogram();
  private final List<@Nullable Object> timeline = new ArrayList<>();
  private @Nullable Histogram recycled;
  private final CpuCost perDelivery = new CpuCost();
  private final CpuCost perAccepted = new CpuCost();
  private @Nullable Counters last;
  private long serverNs;

  PhaseRecorder(Loops loops, Pacer pacer, @Nullable ProcessProbe server) {
    this.loops = loops;
    this.pacer = pacer;
    this.server = server;
  }

  /** Every counter at one instant. */
  record Counters(
      long atNs, long delivered, long sent, long accepted, CpuTimes cpu, Machine machine) {}

  /**
   * CPU time so far.
   *
   * @param serverNs of the server's process; 0: not known
   * @param clientNs of this process
   * @param receivingNs of each receiving loop
   * @param publishingNs of the publishing loop
   */
  record CpuTimes(long serverNs, long clientNs, List<Long> receivingNs, long publishingNs) {}

  Counters counters() {
    CpuTimes cpu = new CpuTimes(
        serverCpuNs(), ProcessProbe.self().cpuNs(), loops.receiverCpuNs(), loops.publisherCpuNs());
    return new Counters(
        System.nanoTime(),
        loops.receivers().stream().mapToLong(ReceiverLoop::deliveries).sum(),
        pacer.sent(),
        pacer.accepted(),
        cpu,
        Machine.now());
  }

  /** What has ended has used what it had. */
  private long serverCpuNs() {
    serverNs = Math.max(serverNs, server == null ? 0 : server.cpuNs());
    return serverNs;
  }

  /** Takes in what was recorded since the last sample; {@code startNs} is zero on the time axis. */
  void sample(long startNs) {
    Histogram fresh = histogram();
    for (ReceiverLoop loop : loops.receivers()) {
      Histogram part = loop.takeLatencies(null);
      fresh.add(part);
    }
    deliveries.add(fresh);
    recycled = pacer.takeAnswers(recycled);
    answers.add(recycled);
    lateness.add(pacer.takeLateness(null));
    Counters now = counters();
    Counters before = last;
    last = now;
    if (before == null || now.atNs() - before.atNs() < SHORTEST_NS) {
      return;
    }
    if (before.atNs() >= startNs) {
      long cpuNs = now.cpu().serverNs() - before.cpu().serverNs();
      perDelivery.add((double) cpuNs, now.delivered() - before.delivered());
      perAccepted.add((double) cpuNs, now.accepted() - before.accepted());
    }
    timeline.add(point(before, now, startNs, fresh.getTotalCount() > 0 ? fresh : recycled));
  }

  /** CPU time of the server for each delivery, part by part. */
  CpuCost perDelivery() {
    return perDelivery;
  }

  /** CPU time of the server for each message that it took, part by part. */
  CpuCost perAccepted() {
    return perAccepted;
  }

  /** The newest sample, for the progress line. */
  Map<String, @Nullable Object> newest() {
    return timeline.isEmpty() ? Json.object() : Json.asObject(timeline.get(timeline.size() - 1));
  }

  Histogram deliveries() {
    return deliveries;
  }

  Histogram answers() {
    return answers;
  }

  Histogram lateness() {
    return lateness;
  }

  List<@Nullable Object> timeline() {
    return timeline;
  }

  @Nullable
  ProcessProbe server() {
    return server;
  }

  private Map<String, @Nullable Object> point(
      Counters before, Counters now, long startNs, Histogram latencies) {
    double seconds = (now.atNs() - before.atNs()) / 1e9;
    Map<String, @Nullable Object> point = Json.object();
    point.put("t_s", (now.atNs() - startNs) / (double) TimeUnit.SECONDS.toNanos(1));
    point.put("deliveries_per_s", (now.delivered() - before.delivered()) / seconds);
    point.put("published_per_s", (now.accepted() - before.accepted()) / seconds);
    if (latencies.getTotalCount() > 0) {
      point.put("p50_us", latencies.getValueAtPercentile(50) / NS_PER_US);
      point.put("p99_us", latencies.getValueAtPercentile(99) / NS_PER_US);
      point.put("max_us", latencies.getMaxValue() / NS_PER_US);
    }
    if (server != null && server.isAlive()) {
      point.put("server_cores", (now.cpu().serverNs() - before.cpu().serverNs()) / 1e9 / seconds);
      point.put("server_rss_bytes", server.rssBytes());
    }
    point.put("client_cores", (now.cpu().clientNs() - before.cpu().clientNs()) / 1e9 / seconds);
    point.put(
        "machine_cores", (now.machine().busyNs() - before.machine().busyNs()) / 1e9 / seconds);
    return point;
  }

  static Histogram histogram() {
    return new Histogram(ReceiverLoop.MAX_NS, 3);
  }
}

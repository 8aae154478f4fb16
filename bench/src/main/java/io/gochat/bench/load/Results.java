package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import io.gochat.bench.load.PhaseRecorder.Counters;
import io.gochat.bench.process.ProcessProbe;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The result of a run as a tree, which is also its JSON form: {@code plan}, {@code machine}, {@code phases} (each with
 * latencies, rates, server, client and timeline), {@code violations}, {@code notes}, {@code clean}. Stateless.
 */
final class Results {
  private static final int FORMAT = 1;
  private static final double BUSY = 0.85;
  private static final double LATE_US = 5_000;
  private static final double LAG_US = 10_000;
  private static final double CROWDED = 0.97;

  private Results() {}

  /** The whole. */
  static Map<String, @Nullable Object> of(
      LoadPlan plan,
      List<@Nullable Object> phases,
      Violations violations,
      Map<String, Integer> notes) {
    Map<String, @Nullable Object> json = Json.object();
    json.put("tool", "gochat load");
    json.put("format", FORMAT);
    json.put("finished_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    json.put("scenario", plan.scenario().word());
    json.put("plan", plan(plan));
    json.put("machine", machine());
    json.put("phases", phases);
    json.put("violations", violations.toJson());
    json.put("clean", violations.total() == 0);
    json.put("notes", notes);
    return json;
  }

  /** The beginning of a phase's result. */
  static Phase phase(
      LoadPlan plan, String name, PhaseRecorder recorder, Counters from, Counters to) {
    return new Phase(plan, name, recorder, from, to);
  }

  private static Map<String, @Nullable Object> plan(LoadPlan plan) {
    Map<String, @Nullable Object> json = Json.object();
    json.put("target", plan.where());
    json.put("rooms", plan.shape().rooms());
    json.put("members", plan.shape().members());
    json.put("publishers", plan.shape().publishers());
    json.put("users", plan.shape().users());
    json.put("text_bytes", plan.textBytes());
    json.put("rate_per_s", plan.pace().perSecond());
    json.put("window", plan.pace().isOpenLoop() ? 0 : plan.pace().window());
    json.put("ramp_s", plan.pace().ramp().toMillis() / 1e3);
    json.put("warmup_s", plan.pace().warmup().toMillis() / 1e3);
    json.put("measured_s", plan.pace().measured().toMillis() / 1e3);
    json.put("via", plan.via().word());
    json.put("client_loops", plan.loops());
    if (plan.scenario() == LoadPlan.Scenario.SLOW) {
      json.put("pairs", plan.pace().pairs());
    }
    return json;
  }

  /**
   * Adds how the run was made, and whether it was the whole of it.
   *
   * @param endedBecause empty: it was
   */
  static void circumstances(
      Map<String, @Nullable Object> result,
      List<String> commandLine,
      @Nullable ProcessProbe server,
      String endedBecause) {
    result.put("command_line", "./gochat " + String.join(" ", commandLine));
    String version = Results.class.getPackage().getImplementationVersion();
    result.put("version", version == null ? "unpackaged" : version);
    if (server != null && server.isAlive()) {
      result.put("server_command_line", server.commandLine());
    }
    if (!endedBecause.isEmpty()) {
      result.put("ended_early", endedBecause);
      if (server != null && !server.isAlive()) {
        result.put("clean", false);
      }
    }
  }

  static Map<String, @Nullable Object> machine() {
    Map<String, @Nullable Object> json = Json.object();
    json.put("cpus", Runtime.getRuntime().availableProcessors());
    json.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    json.put("java", System.getProperty("java.runtime.version"));
    return json;
  }

  /** Puts a phase together. Not thread-safe. */
  static final class Phase {
    private final Map<String, @Nullable Object> json = Json.object();
    private final LoadPlan plan;
    private final PhaseRecorder recorder;
    private final Counters from;
    private final Counters to;
    private Histogram lag = PhaseRecorder.histogram();

    private Phase(LoadPlan plan, String name, PhaseRecorder recorder, Counters from, Counters to) {
      this.plan = plan;
      this.recorder = recorder;
      this.from = from;
      this.to = to;
      json.put("name", name);
    }

    Phase messages(long sent, long accepted, long unanswered, long unsent) {
      json.put("seconds", seconds());
      json.put("sent", sent);
      json.put("accepted", accepted);
      json.put("unanswered", unanswered);
      json.put("unsent", unsent);
      return this;
    }

    Phase refusals(Map<String, Long> refusals) {
      json.put("refused", refusals);
      return this;
    }

    Phase lag(Histogram schedulingLag) {
      lag = schedulingLag;
      return this;
    }

    Map<String, @Nullable Object> build() {
      json.put("accepted_per_s", (to.accepted() - from.accepted()) / seconds());
      if (plan.shape().members() > 0) {
        json.put("deliveries", to.delivered() - from.delivered());
        json.put("deliveries_per_s", (to.delivered() - from.delivered()) / seconds());
        json.put("delivery_us", Latencies.toJson(recorder.deliveries()));
      }
      json.put("answer_us", Latencies.toJson(recorder.answers()));
      json.put("closed_loop", !plan.pace().isOpenLoop());
      json.put("server", server());
      json.put("client", client());
      json.put("timeline", recorder.timeline());
      return json;
    }

    private double seconds() {
      return (to.atNs() - from.atNs()) / 1e9;
    }

    private @Nullable Map<String, @Nullable Object> server() {
      ProcessProbe process = recorder.server();
      if (process == null) {
        return null;
      }
      Map<String, @Nullable Object> server = Json.object();
      double cpuNs = to.cpu().serverNs() - from.cpu().serverNs();
      server.put("pid", process.pid());
      server.put("cores", cpuNs / 1e9 / seconds());
      server.put("us_per_delivery", perEvent(cpuNs, to.delivered() - from.delivered()));
      server.put("us_per_accepted", perEvent(cpuNs, to.accepted() - from.accepted()));
      server.put("us_per_delivery_spread", recorder.perDelivery().spread());
      server.put("us_per_accepted_spread", recorder.perAccepted().spread());
      server.put(
          "accepted_per_cpu_s",
          cpuNs == 0 ? Double.NaN : (to.accepted() - from.accepted()) / (cpuNs / 1e9));
      boolean isAlive = process.isAlive();
      server.put("rss_bytes", isAlive ? process.rssBytes() : Double.NaN);
      server.put("alive", isAlive);
      return server;
    }

    private static double perEvent(double cpuNs, long events) {
      return events == 0 ? Double.NaN : cpuNs / 1e3 / events;
    }

    private Map<String, @Nullable Object> client() {
      Map<String, @Nullable Object> client = Json.object();
      double busiest = busiestReceivingLoop();
      double publisher = (to.cpu().publishingNs() - from.cpu().publishingNs()) / 1e9 / seconds();
      double machine = (to.machine().busyNs() - from.machine().busyNs()) / 1e9 / seconds();
      double lateUs = recorder.lateness().getValueAtPercentile(99) / 1e3;
      double lagUs = lag.getValueAtPercentile(99) / 1e3;
      client.put("cores", (to.cpu().clientNs() - from.cpu().clientNs()) / 1e9 / seconds());
      client.put("busiest_receiving_loop", busiest);
      client.put("publishing_loop", publisher);
      client.put("machine_cores", machine);
      client.put(
          "stolen_cores", (to.machine().stolenNs() - from.machine().stolenNs()) / 1e9 / seconds());
      client.put("late_sends_p99_us", lateUs);
      client.put("scheduling_lag_p99_us", lagUs);
      boolean isCrowded = machine > CROWDED * Runtime.getRuntime().availableProcessors();
      List<@Nullable Object> reasons = reasons(busiest, publisher);
      List<@Nullable Object> disturbances = disturbances(lagUs, isCrowded);
      if (lateUs > LATE_US) {
        // On a full machine a late send says nothing about the client.
        (isCrowded ? disturbances : reasons)
            .add(String.format(
                "one send in a hundred of this client was %.1f ms late or more", lateUs / 1e3));
      }
      client.put("was_the_limit", !reasons.isEmpty());
      client.put("reasons", reasons);
      client.put("disturbances", disturbances);
      return client;
    }

    /** In cores. */
    private double busiestReceivingLoop() {
      double busiest = 0;
      for (int i = 0; i < to.cpu().receivingNs().size(); i++) {
        busiest = Math.max(
            busiest,
            (to.cpu().receivingNs().get(i) - from.cpu().receivingNs().get(i)) / 1e9 / seconds());
      }
      return busiest;
    }

    private static List<@Nullable Object> reasons(double busiest, double publisher) {
      List<@Nullable Object> reasons = new ArrayList<>();
      if (busiest > BUSY) {
        reasons.add(String.format(
            "a receiving loop of this client was busy %.0f %% of the time", busiest * 100));
      }
      if (publisher > BUSY) {
        reasons.add(String.format(
            "the publishing loop of this client was busy %.0f %% of the time", publisher * 100));
      }
      return reasons;
    }

    private static List<@Nullable Object> disturbances(double lagUs, boolean isCrowded) {
      List<@Nullable Object> found = new ArrayList<>();
      if (lagUs > LAG_US) {
        found.add(String.format("threads waited for a CPU: %.1f ms at p99", lagUs / 1e3));
      }
      if (isCrowded) {
        found.add("all CPUs were busy: client, server and others took them from each other");
      }
      return found;
    }
  }
}

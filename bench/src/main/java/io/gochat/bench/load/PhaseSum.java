package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import io.gochat.bench.process.ProcessProbe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Phases of one kind, added up to one that is told like any other. Not thread-safe. */
final class PhaseSum {
  private static final List<String> COUNTS =
      List.of("sent", "accepted", "unanswered", "unsent", "deliveries");

  private final String name;
  private final Histogram deliveries = PhaseRecorder.histogram();
  private final Histogram answers = PhaseRecorder.histogram();
  private final Map<String, Long> counts = new TreeMap<>();
  private final Map<String, Long> refused = new TreeMap<>();
  private final Map<String, List<String>> reasons = new LinkedHashMap<>();
  private final Map<String, List<String>> disturbances = new LinkedHashMap<>();
  private double seconds;
  private double acceptedInTime;
  private double serverCoreSeconds;
  private double rssPeak;

  PhaseSum(String name) {
    this.name = name;
  }

  void add(MeasuredPhase phase) {
    Map<String, @Nullable Object> json = phase.json();
    deliveries.add(phase.recorder().deliveries());
    answers.add(phase.recorder().answers());
    for (String count : COUNTS) {
      counts.merge(count, (long) Json.number(json, count), Long::sum);
    }
    Json.asObject(json.get("refused"))
        .forEach((code, times) -> refused.merge(code, ((Number) times).longValue(), Long::sum));
    double lasted = Json.number(json, "seconds");
    seconds += lasted;
    acceptedInTime += Json.number(json, "accepted_per_s") * lasted;
    serverCoreSeconds += Json.number(json, "server", "cores") * lasted;
    for (Object point : phase.recorder().timeline()) {
      double rss = Json.number(Json.asObject(point), "server_rss_bytes");
      rssPeak = Double.isNaN(rss) ? rssPeak : Math.max(rssPeak, rss);
    }
    collect(reasons, Json.at(json, "client", "reasons"));
    collect(disturbances, Json.at(json, "client", "disturbances"));
  }

  /** The same sentence comes with other figures in each phase. */
  private static void collect(Map<String, List<String>> all, @Nullable Object found) {
    for (Object each : Json.asList(found)) {
      String sentence = String.valueOf(each);
      all.computeIfAbsent(sentence.replaceAll("[0-9]+([.,][0-9]+)*", "#"), k -> new ArrayList<>())
          .add(sentence);
    }
  }

  private static List<@Nullable Object> told(Map<String, List<String>> all) {
    List<@Nullable Object> sentences = new ArrayList<>();
    all.values()
        .forEach(same -> sentences.add(
            same.get(0) + (same.size() == 1 ? "" : " (and so in " + (same.size() - 1) + " more)")));
    return sentences;
  }

  /** The most memory that the server had in any of them; 0: not known. */
  double rssPeak() {
    return rssPeak;
  }

  Map<String, @Nullable Object> toJson(@Nullable ProcessProbe server) {
    Map<String, @Nullable Object> json = Json.object();
    json.put("name", name);
    json.put("seconds", seconds);
    json.putAll(counts);
    json.put("refused", refused);
    json.put("accepted_per_s", acceptedInTime / seconds);
    json.put("deliveries_per_s", counts.getOrDefault("deliveries", 0L) / seconds);
    json.put("delivery_us", Latencies.toJson(deliveries));
    json.put("answer_us", Latencies.toJson(answers));
    json.put("closed_loop", false);
    if (server != null) {
      Map<String, @Nullable Object> process = Json.object();
      process.put("pid", server.pid());
      process.put("cores", serverCoreSeconds / seconds);
      process.put("rss_bytes", rssPeak);
      process.put("alive", server.isAlive());
      json.put("server", process);
    }
    Map<String, @Nullable Object> client = Json.object();
    client.put("was_the_limit", !reasons.isEmpty());
    client.put("reasons", told(reasons));
    client.put("disturbances", told(disturbances));
    json.put("client", client);
    json.put("timeline", List.of());
    return json;
  }
}

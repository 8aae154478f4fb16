package io.gochat.bench.verify;

import io.gochat.bench.common.Json;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A verdict with what happened on the way, for people and for machines. Immutable.
 *
 * @param scenario what was run
 * @param seed of the faults' order
 * @param seconds from the first value to the last delivery
 * @param facts counters worth telling, in order
 */
record VerifyReport(
    String scenario, long seed, double seconds, Map<String, Long> facts, Verdict verdict) {
  private static final int SHOWN = 20;

  VerifyReport {
    facts = new LinkedHashMap<>(facts);
  }

  /** 0: nothing was broken; 1: something was. */
  int exitStatus() {
    return verdict.passed() ? 0 : 1;
  }

  /** For people. */
  void print(PrintStream out) {
    out.printf("%s, seed %d, %.1f s%n", scenario, seed, seconds);
    facts.forEach((name, value) -> out.printf("  %-26s %,12d%n", name.replace('_', ' '), value));
    out.printf("  %-26s %,12d%n", "accepted", verdict.accepted());
    out.printf(
        "  %-26s %,12d   of them %,d published%n",
        "outcome unknown", verdict.unknown(), verdict.unknownPublished());
    if (verdict.takenBack() > 0) {
      out.printf("  %-26s %,12d%n", "accepted, lost by Redis", verdict.takenBack());
    }
    out.printf("  %-26s %,12d%n", "handed to listeners", verdict.handed());
    verdict.hashes().forEach((topic, hash) -> out.printf("  %-26s %s%n", topic, hash));
    if (verdict.passed()) {
      out.println("PASSED: nothing lost, doubled, reordered or invented");
      return;
    }
    List<Violation> violations = verdict.violations();
    violations.stream().limit(SHOWN).forEach(violation -> out.println("  ! " + violation));
    if (violations.size() > SHOWN) {
      out.printf("  ! … and %,d more%n", violations.size() - SHOWN);
    }
    out.println("FAILED: " + verdict.counts());
  }

  /** For machines: one JSON object. */
  String json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("scenario", scenario);
    json.put("passed", verdict.passed());
    json.put("seed", seed);
    json.put("seconds", seconds);
    json.putAll(facts);
    json.put("accepted", verdict.accepted());
    json.put("outcome_unknown", verdict.unknown());
    json.put("outcome_unknown_published", verdict.unknownPublished());
    json.put("accepted_taken_back", verdict.takenBack());
    json.put("handed", verdict.handed());
    json.put("hashes", verdict.hashes());
    json.put("violations", verdict.violations().size());
    json.put("violation_counts", verdict.counts());
    json.put(
        "first_violations",
        verdict.violations().stream().limit(SHOWN).map(Violation::toString).toList());
    return Json.text(json);
  }
}

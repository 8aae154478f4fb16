package io.gochat.bench.verify;

import io.gochat.bench.verify.HookEndpoint.Taken;
import io.gochat.bench.verify.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides whether a webhook was told of everything: each message of the logs at least once, in order where it came first,
 * always under the same id, always signed. A pure function; stateless.
 */
final class HookJudge {
  private static final String WHERE = "webhook of ";

  private HookJudge() {}

  static List<Violation> judge(
      List<Taken> taken,
      long badSignatures,
      Map<String, List<RunHistory.Entry>> logs,
      RunHistory.Loss loss) {
    List<Violation> violations = new ArrayList<>();
    if (badSignatures > 0) {
      violations.add(
          new Violation(Kind.BADLY_SIGNED, "webhook", badSignatures + " events were not signed"));
    }
    Map<String, Taken> byId = new HashMap<>();
    Map<String, Taken> last = new HashMap<>();
    for (Taken event : taken) {
      Taken before = byId.putIfAbsent(event.id(), event);
      if (before == null) {
        judgeOrder(event, last, violations);
      } else if (before.messageId() != event.messageId() || !before.value().equals(event.value())) {
        violations.add(new Violation(
            Kind.CONTRADICTION,
            WHERE + event.topic(),
            event.id() + " was " + before.value() + ", then " + event.value()));
      }
    }
    judgeCompleteness(byId, logs, loss, violations);
    return violations;
  }

  private static void judgeOrder(Taken event, Map<String, Taken> last, List<Violation> violations) {
    Taken before = last.put(event.topic(), event);
    if (before != null && before.epoch() == event.epoch() && before.seq() >= event.seq()) {
      violations.add(new Violation(
          Kind.OUT_OF_ORDER,
          WHERE + event.topic(),
          "seq " + event.seq() + " came first after seq " + before.seq()));
    }
  }

  private static void judgeCompleteness(
      Map<String, Taken> byId,
      Map<String, List<RunHistory.Entry>> logs,
      RunHistory.Loss loss,
      List<Violation> violations) {
    Set<Long> told = new HashSet<>();
    byId.values().forEach(event -> told.add(event.messageId()));
    Set<Long> logged = new HashSet<>();
    logs.forEach((topic, log) -> log.forEach(entry -> {
      logged.add(entry.messageId());
      if (!told.contains(entry.messageId()) && !loss.values().contains(entry.value())) {
        violations.add(new Violation(
            Kind.LOST_TAIL,
            WHERE + topic,
            entry.value() + ", seq " + entry.seq() + ", was never told"));
      }
    }));
    if (!loss.takesBack()) {
      byId.values().stream()
          .filter(event -> !logged.contains(event.messageId()))
          .forEach(event -> violations.add(new Violation(
              Kind.UNEXPECTED, WHERE + event.topic(), event.value() + " is not in the log")));
    }
  }

  /** Whether it was told of everything that the logs hold. */
  static boolean hasAll(
      List<Taken> taken, Map<String, List<RunHistory.Entry>> logs, RunHistory.Loss loss) {
    Set<Long> told = new HashSet<>();
    taken.forEach(event -> told.add(event.messageId()));
    return logs.values().stream()
        .flatMap(List::stream)
        .allMatch(
            entry -> told.contains(entry.messageId()) || loss.values().contains(entry.value()));
  }
}

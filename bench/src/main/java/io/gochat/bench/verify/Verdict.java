package io.gochat.bench.verify;

import io.gochat.bench.verify.Violation.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the judge found. Immutable.
 *
 * @param violations every broken promise; empty: the run passed
 * @param accepted values that the server answered success for
 * @param unknown values whose outcome the publisher never learned
 * @param unknownPublished how many of those are in the log
 * @param takenBack values that were answered with success and that the store then lost, as it was made to
 * @param handed messages handed to listeners
 * @param hashes per topic, the hash of the sequence of (seq, message_id) in the log
 */
record Verdict(
    List<Violation> violations,
    long accepted,
    long unknown,
    long unknownPublished,
    long takenBack,
    long handed,
    Map<String, String> hashes) {

  Verdict {
    violations = List.copyOf(violations);
  }

  /** With what was broken besides. */
  Verdict and(List<Violation> more) {
    List<Violation> all = new ArrayList<>(violations);
    all.addAll(more);
    return new Verdict(all, accepted, unknown, unknownPublished, takenBack, handed, hashes);
  }

  /** Whether nothing was broken. */
  boolean passed() {
    return violations.isEmpty();
  }

  /** How often each promise was broken; only those that were. */
  Map<Kind, Integer> counts() {
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    for (Violation violation : violations) {
      counts.merge(violation.kind(), 1, Integer::sum);
    }
    return counts;
  }
}

package io.gochat.bench.verify;

import io.gochat.bench.verify.RunHistory.Entry;
import io.gochat.bench.verify.RunHistory.Event;
import io.gochat.bench.verify.RunHistory.GapTold;
import io.gochat.bench.verify.RunHistory.Life;
import io.gochat.bench.verify.RunHistory.Subscription;
import io.gochat.bench.verify.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Judges what one receiver was handed of one topic, over all its lives. Confined to the calling thread.
 *
 * <p>Within a life every sequence comes once and follows the one before it. A later life starts right after the stored
 * position: it may repeat what an earlier life was handed beyond that position, and may skip nothing.
 */
final class SubscriptionJudge {
  private final Subscription subscription;
  private final List<Entry> log;
  private final RunHistory history;
  private final BiPredicate<String, Entry> mayBeGone;
  private final List<Violation> violations;
  private final String where;
  private final Map<Long, Entry> logged = new HashMap<>();
  private final Set<Long> handedSeqs = new HashSet<>();
  // Handed over, not in the log, and not told yet.
  private final List<Entry> untold = new ArrayList<>();
  private final List<long[]> told = new ArrayList<>();
  private final List<long[]> jumps = new ArrayList<>();
  // The sequence as one uninterrupted process would have seen it: repeats at the start of a life
  // are left out.
  private final List<Entry> merged = new ArrayList<>();
  private long handed;
  private boolean sawGap;

  SubscriptionJudge(
      Subscription subscription,
      RunHistory history,
      BiPredicate<String, Entry> mayBeGone,
      List<Violation> violations) {
    this.subscription = subscription;
    this.log = history.logs().getOrDefault(subscription.topic(), List.of());
    this.history = history;
    this.mayBeGone = mayBeGone;
    this.violations = violations;
    this.where = subscription.receiver() + " of " + subscription.topic();
  }

  void judge() {
    log.forEach(entry -> logged.put(entry.seq(), entry));
    for (Life life : subscription.lives()) {
      // What lies beyond the stored position died with the process that was handed it.
      untold.removeIf(entry -> entry.seq() > life.resumedAfter());
      judgeLife(life);
    }
    untold.forEach(entry -> report(
        Kind.TAKEN_BACK_UNTOLD,
        entry.value() + " (seq " + entry.seq() + ") was handed over, and is gone"));
    judgeMissing();
    judgeJumps();
  }

  /** Messages that the listener was called with. */
  long handed() {
    return handed;
  }

  /** Whether a gap was told, so that this receiver's sequence may differ from the others'. */
  boolean sawGap() {
    return sawGap;
  }

  String hash() {
    return SequenceHash.of(merged);
  }

  private void judgeLife(Life life) {
    Set<Long> inThisLife = new HashSet<>();
    long resumedAfter = life.resumedAfter();
    long next = resumedAfter == Life.NOT_STORED ? 0 : resumedAfter + 1;
    for (Event event : life.events()) {
      if (event instanceof GapTold gap) {
        judgeGap(gap, next);
        if (gap.epochChanged() && isAllowed(gap)) {
          // The server no longer knows what we had: an inbox starts again at what is acknowledged
          // in the new epoch.
          inThisLife.clear();
          resumedAfter = Life.NOT_STORED;
          next = gap.toSeq() + 1;
        }
        next = Math.max(next, gap.toSeq() + 1);
        continue;
      }
      Entry entry = (Entry) event;
      handed++;
      if (!inThisLife.add(entry.seq())) {
        report(
            Kind.DUPLICATED, "seq " + entry.seq() + " (" + entry.value() + ") twice in one life");
      } else if (entry.seq() <= resumedAfter) {
        report(
            Kind.DUPLICATED,
            "seq " + entry.seq() + " again, the stored position was " + resumedAfter);
      } else if (next != 0 && entry.seq() < next) {
        report(
            Kind.OUT_OF_ORDER,
            "seq " + entry.seq() + " (" + entry.value() + ") after " + (next - 1));
      } else if (next != 0 && entry.seq() > next) {
        jumps.add(new long[] {next, entry.seq() - 1});
      }
      next = Math.max(next, entry.seq() + 1);
      take(entry);
    }
  }

  private void take(Entry entry) {
    Entry wanted = logged.get(entry.seq());
    if (!entry.equals(wanted) && mayBeGone.test(subscription.topic(), entry)) {
      untold.add(entry);
      return;
    }
    if (wanted == null) {
      report(Kind.UNEXPECTED, entry.value() + " at seq " + entry.seq() + " is not in the log");
    } else if (!wanted.equals(entry)) {
      report(Kind.CONTRADICTION, "was handed " + entry + ", the log has " + wanted);
    }
    if (handedSeqs.add(entry.seq())) {
      merged.add(entry);
    }
  }

  private void judgeGap(GapTold gap, long next) {
    sawGap = true;
    if (gap.epochChanged()) {
      untold.clear();
    }
    long from = gap.fromSeq() == 0 ? Math.max(1, Math.min(next, afterKept(next))) : gap.fromSeq();
    if (isAllowed(gap)) {
      told.add(new long[] {from, gap.toSeq()});
    } else {
      report(
          Kind.UNEXPECTED_GAP, "told that " + gap.fromSeq() + " to " + gap.toSeq() + " are gone");
    }
  }

  private boolean isAllowed(GapTold gap) {
    return history.gapsAllowed() || (history.loss().takesBack() && gap.epochChanged());
  }

  // With what was handed over at its end gone, that end says nothing about what was told.
  private long afterKept(long next) {
    return handedSeqs.stream().mapToLong(seq -> seq + 1).max().orElse(next);
  }

  private void judgeMissing() {
    long first = handedSeqs.stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
    long last = handedSeqs.stream().mapToLong(Long::longValue).max().orElse(0);
    for (Entry entry : log) {
      if (handedSeqs.contains(entry.seq()) || isTold(entry.seq())) {
        continue;
      }
      Kind kind = entry.seq() > last
          ? Kind.LOST_TAIL
          : entry.seq() < first ? Kind.LOST_PREFIX : Kind.LOST_MIDDLE;
      report(kind, entry.value() + " (seq " + entry.seq() + ") was never handed over");
    }
  }

  /** A jump over something that came later, or in another life, is disorder; over what never came it is a loss. */
  private void judgeJumps() {
    for (long[] jump : jumps) {
      for (long seq = jump[0]; seq <= jump[1]; seq++) {
        if (handedSeqs.contains(seq) && !isTold(seq)) {
          report(Kind.OUT_OF_ORDER, "jumped over seq " + jump[0] + " to " + jump[1]);
          break;
        }
      }
    }
  }

  private boolean isTold(long seq) {
    return told.stream().anyMatch(gap -> gap[0] <= seq && seq <= gap[1]);
  }

  private void report(Kind kind, String detail) {
    violations.add(new Violation(kind, where, detail));
  }
}

package io.gochat.bench.verify;

import io.gochat.bench.verify.RunHistory.Entry;
import io.gochat.bench.verify.RunHistory.Outcome;
import io.gochat.bench.verify.RunHistory.Submission;
import io.gochat.bench.verify.RunHistory.Subscription;
import io.gochat.bench.verify.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides whether a history keeps the promises. A pure function of the history: no clock, no server, no thread.
 * Confined to the calling thread.
 *
 * <p>Three things are compared, each against the other two: what the publishers were answered, what the log holds, and
 * what the listeners were handed. The log is the order of record, and is itself judged first.
 */
final class Judge {
  private final RunHistory history;
  private final Map<String, Submission> submissions = new HashMap<>();
  private final List<Violation> violations = new ArrayList<>();
  private final Map<String, String> hashes = new TreeMap<>();
  private long handed;
  private long takenBack;

  private Judge(RunHistory history) {
    this.history = history;
  }

  /** Judges every message of the history. */
  static Verdict judge(RunHistory history) {
    return new Judge(history).verdict();
  }

  private Verdict verdict() {
    indexSubmissions();
    history.logs().forEach(this::judgeLog);
    Set<String> published = judgeAnswers();
    history.subscriptions().forEach(this::judgeSubscription);
    history.evidence().forEach((fault, count) -> {
      if (count <= 0) {
        report(Kind.FAULT_DID_NOT_FIRE, fault, "the run asked for it, and it never happened");
      }
    });
    List<Submission> unknown = withOutcome(Outcome.UNKNOWN);
    long unknownPublished =
        unknown.stream().filter(s -> published.contains(s.value())).count();
    return new Verdict(
        violations,
        withOutcome(Outcome.ACCEPTED).size(),
        unknown.size(),
        unknownPublished,
        takenBack,
        handed,
        hashes);
  }

  private List<Submission> withOutcome(Outcome outcome) {
    return history.submissions().stream().filter(s -> s.outcome() == outcome).toList();
  }

  private void indexSubmissions() {
    for (Submission submission : history.submissions()) {
      if (submissions.put(submission.value(), submission) != null) {
        throw new IllegalArgumentException("a value was submitted twice: " + submission.value());
      }
    }
  }

  private void judgeLog(String topic, List<Entry> log) {
    String where = "log of " + topic;
    long expected = 1;
    Map<String, Long> seqOfValue = new HashMap<>();
    Map<String, Submission> newest = new HashMap<>();
    for (Entry entry : log) {
      if (entry.seq() != expected) {
        report(Kind.LOG_HOLE, where, "seq " + entry.seq() + " where " + expected + " was due");
      }
      expected = entry.seq() + 1;
      Long earlier = seqOfValue.putIfAbsent(entry.value(), entry.seq());
      if (earlier != null) {
        report(
            Kind.PUBLISHED_TWICE,
            where,
            entry.value() + " is seq " + earlier + " and seq " + entry.seq());
      }
      Submission submission = submissions.get(entry.value());
      if (submission == null || !submission.topic().equals(topic)) {
        report(
            Kind.UNEXPECTED,
            where,
            entry.value() + " at seq " + entry.seq() + " was not published here");
      } else if (earlier == null) {
        judgeLogged(where, entry, submission, newest);
      }
    }
    hashes.put(topic, SequenceHash.of(log));
  }

  private void judgeLogged(
      String where, Entry entry, Submission submission, Map<String, Submission> newest) {
    switch (submission.outcome()) {
      case REFUSED ->
        report(Kind.UNEXPECTED, where, entry.value() + " was refused, but is seq " + entry.seq());
      case UNKNOWN -> {
        // A copy of an abandoned publish may reach the server late, after its publisher went on: no
        // order to judge.
      }
      case ACCEPTED -> {
        boolean sameSeq = submission.seq() == 0 || submission.seq() == entry.seq();
        boolean sameId = submission.messageId() == 0 || submission.messageId() == entry.messageId();
        // What was lost may have come once more, late.
        boolean mayDiffer = history.loss().values().contains(submission.value());
        if (!mayDiffer && (!sameSeq || !sameId)) {
          String answered = submission.seq() + "/" + submission.messageId();
          String logged = entry.seq() + "/" + entry.messageId();
          report(
              Kind.CONTRADICTION,
              where,
              entry.value() + " was answered as " + answered + ", is " + logged);
        }
        Submission before = newest.get(submission.publisher());
        if (before != null && before.counter() > submission.counter()) {
          report(Kind.PUBLISHER_ORDER, where, submission.value() + " after " + before.value());
        }
        if (before == null || before.counter() < submission.counter()) {
          newest.put(submission.publisher(), submission);
        }
      }
    }
  }

  /** Every accepted value must be in the log of its topic; returns all that are. */
  private Set<String> judgeAnswers() {
    Set<String> published = new HashSet<>();
    history.logs().values().forEach(log -> log.forEach(entry -> published.add(entry.value())));
    for (Submission submission : history.submissions()) {
      String where = submission.publisher() + " to " + submission.topic();
      if (submission.outcome() == Outcome.ACCEPTED && !published.contains(submission.value())) {
        if (history.loss().values().contains(submission.value())) {
          takenBack++;
        } else {
          report(
              Kind.LOST_FROM_LOG,
              where,
              submission.value() + " was answered with success as seq " + submission.seq());
        }
      }
      if (submission.outcome() == Outcome.REFUSED) {
        report(Kind.REFUSED, where, submission.value());
      }
    }
    return published;
  }

  private void judgeSubscription(Subscription subscription) {
    SubscriptionJudge judge =
        new SubscriptionJudge(subscription, history, this::mayBeGone, violations);
    judge.judge();
    handed += judge.handed();
    String hash = judge.hash();
    String wanted = hashes.getOrDefault(subscription.topic(), SequenceHash.of(List.of()));
    if (!judge.sawGap() && !hash.equals(wanted)) {
      String where = subscription.receiver() + " of " + subscription.topic();
      report(Kind.HASH_DIFFERS, where, hash + ", the log has " + wanted);
    }
  }

  /** A message that was handed over and is not in the log: the store has lost it, or nobody ever published it. */
  private boolean mayBeGone(String topic, Entry entry) {
    Submission submission = submissions.get(entry.value());
    return history.loss().takesBack()
        && submission != null
        && submission.topic().equals(topic);
  }

  private void report(Kind kind, String where, String detail) {
    violations.add(new Violation(kind, where, detail));
  }
}

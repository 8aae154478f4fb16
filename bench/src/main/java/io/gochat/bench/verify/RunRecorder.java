package io.gochat.bench.verify;

import io.gochat.bench.verify.RunHistory.Outcome;
import io.gochat.bench.verify.RunHistory.Submission;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Takes down what the publishers learn while a run goes on. Thread-safe. */
final class RunRecorder {
  private final Queue<Submission> submissions = new ConcurrentLinkedQueue<>();
  private final Map<String, Long> begunNs = new ConcurrentHashMap<>();
  private final Map<String, Long> answeredNs = new ConcurrentHashMap<>();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong repeatedAnswers = new AtomicLong();
  private final AtomicLong handed = new AtomicLong();

  /** The final word on one value. */
  void submitted(Submission submission) {
    answeredNs.put(submission.value(), System.nanoTime());
    submissions.add(submission);
    if (submission.outcome() == Outcome.ACCEPTED) {
      accepted.incrementAndGet();
    }
  }

  /** A value is about to be sent for the first time. */
  void begun(String value) {
    begunNs.put(value, System.nanoTime());
  }

  /** The values that were begun before {@code toNs} and whose answer came after {@code fromNs}. */
  Set<String> openDuring(long fromNs, long toNs) {
    Set<String> open = new HashSet<>();
    begunNs.forEach((value, begun) -> {
      Long answered = answeredNs.get(value);
      if (begun - toNs < 0 && (answered == null || answered - fromNs > 0)) {
        open.add(value);
      }
    });
    return open;
  }

  /** A publish was answered as a duplicate: an earlier attempt had been stored without an answer arriving. */
  void answeredAsDuplicate() {
    repeatedAnswers.incrementAndGet();
  }

  /** A listener was called with a message. */
  void handed() {
    handed.incrementAndGet();
  }

  long acceptedSoFar() {
    return accepted.get();
  }

  long handedSoFar() {
    return handed.get();
  }

  long repeatedAnswers() {
    return repeatedAnswers.get();
  }

  List<Submission> submissions() {
    return List.copyOf(submissions);
  }
}

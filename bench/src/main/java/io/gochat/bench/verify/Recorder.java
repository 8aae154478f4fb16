package io.gochat.bench.verify;

import io.gochat.bench.verify.History.Outcome;
import io.gochat.bench.verify.History.Submission;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Takes down what the publishers learn while a run goes on. Thread-safe. */
final class Recorder {
  private final Queue<Submission> submissions = new ConcurrentLinkedQueue<>();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong attempts = new AtomicLong();
  private final AtomicLong repeatedAnswers = new AtomicLong();
  private final AtomicLong handed = new AtomicLong();

  /** The final word on one value. */
  void submitted(Submission submission) {
    submissions.add(submission);
    if (submission.outcome() == Outcome.ACCEPTED) {
      accepted.incrementAndGet();
    }
  }

  /** A publish was sent, for the first time or again. */
  void attempted() {
    attempts.incrementAndGet();
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

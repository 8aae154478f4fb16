package io.gochat.bench.crowd;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the bystander noticed: how long each publish and each delivery took, counted from when it was due. Thread-safe.
 */
final class BystanderNotices {
  private final List<Notice> all = new CopyOnWriteArrayList<>();
  private final AtomicLong failures = new AtomicLong();

  /** What was waited for. */
  enum Kind {
    PUBLISH,
    DELIVERY
  }

  /** One that was waited for. */
  record Notice(Kind kind, long dueNs, long tookNs) {}

  /**
   * Figures of one kind in one phase. Immutable; milliseconds.
   *
   * @param count how many there were
   */
  record Figures(int count, double p50, double p99, double max) {}

  void took(Kind kind, long dueNs) {
    all.add(new Notice(kind, dueNs, System.nanoTime() - dueNs));
  }

  /** A publish that was refused or not answered, or a connection that was lost. */
  void failed() {
    failures.incrementAndGet();
  }

  long failures() {
    return failures.get();
  }

  /** Of what was due in this time. */
  Figures figures(Kind kind, long fromNs, long toNs) {
    double[] took = all.stream()
        .filter(notice ->
            notice.kind() == kind && notice.dueNs() - fromNs >= 0 && notice.dueNs() - toNs < 0)
        .mapToDouble(notice -> notice.tookNs() / 1e6)
        .toArray();
    Arrays.sort(took);
    return new Figures(took.length, at(took, 0.5), at(took, 0.99), at(took, 1));
  }

  private static double at(double[] sorted, double part) {
    int index = (int) Math.ceil(part * sorted.length) - 1;
    return sorted.length == 0 ? Double.NaN : sorted[Math.max(0, index)];
  }
}

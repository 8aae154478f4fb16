package io.gochat.testing;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Keeps what Netty's leak detection finds, so that {@link LeakCheck} can fail the tests over it: a report in a log is
 * read by nobody. Netty makes one per kind of resource, because surefire names this class in
 * {@code io.netty.customResourceLeakDetector}. Thread-safe.
 */
public final class LeakDetector<T> extends ResourceLeakDetector<T> {
  private static final List<LeakDetector<Object>> ALL = new CopyOnWriteArrayList<>();
  private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
  private static final int COLLECTIONS = 2;
  private static final long MAX_WAIT_MS = 1_000;

  /** As Netty calls it. */
  @SuppressWarnings({"unchecked", "deprecation"}) // tracked for itself only
  public LeakDetector(Class<?> resourceType, int samplingInterval) {
    super(resourceType, samplingInterval);
    ALL.add((LeakDetector<Object>) this);
  }

  /** As older callers in Netty do. */
  public LeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
    this(resourceType, samplingInterval);
  }

  /** What was leaked since the last call, after a garbage collection. */
  static List<String> takeLeaks() throws InterruptedException {
    for (int i = 0; i < COLLECTIONS; i++) {
      collect();
      ALL.forEach(LeakDetector::look);
    }
    List<String> leaks = new ArrayList<>();
    for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
      leaks.add(leak);
    }
    return leaks;
  }

  /** Collects garbage and waits until the JVM has queued the references to it. */
  private static void collect() throws InterruptedException {
    ReferenceQueue<Object> queue = new ReferenceQueue<>();
    WeakReference<Object> garbage = new WeakReference<>(new Object(), queue);
    try {
      System.gc();
      queue.remove(MAX_WAIT_MS);
    } finally {
      Reference.reachabilityFence(garbage);
    }
  }

  /** Tracking something is when a detector looks at what was collected. */
  private void look() {
    @SuppressWarnings("unchecked")
    T probe = (T) new Object();
    ResourceLeakTracker<T> tracker = track(probe);
    if (tracker != null) {
      tracker.close(probe);
    }
  }

  @Override
  protected void reportTracedLeak(String resourceType, String records) {
    super.reportTracedLeak(resourceType, records);
    LEAKS.add(resourceType + " was collected without release()" + records);
  }

  @Override
  protected void reportUntracedLeak(String resourceType) {
    super.reportUntracedLeak(resourceType);
    LEAKS.add(resourceType + " was collected without release()");
  }
}

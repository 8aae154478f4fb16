package io.gochat.bench.verify;

import io.gochat.bench.verify.FaultSchedule.Step;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Injects the faults of one schedule, one after the other, on a thread of its own. Two lanes run beside each other, one
 * for the server and one for connections and receivers, so that faults of both kinds overlap.
 */
final class FaultLane {
  private final FaultSchedule schedule;
  private final Injector injector;
  private final Thread thread;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private volatile boolean stopping;

  FaultLane(String name, FaultSchedule schedule, Injector injector) {
    this.schedule = schedule;
    this.injector = injector;
    this.thread = new Thread(this::run, "faults-" + name);
  }

  /** Does one thing to the system under test, and returns when it is over. */
  @FunctionalInterface
  interface Injector {
    void inject(Step step) throws Exception;
  }

  void start() {
    if (!schedule.isEmpty()) {
      thread.start();
    }
  }

  /** Ends after the fault that is under way; everything that was stopped runs again then. */
  void stop() throws InterruptedException {
    stopping = true;
    LockSupport.unpark(thread);
    thread.join();
  }

  /** What ended this lane before its time; null: nothing. */
  @Nullable
  Exception failure() {
    return failure.get();
  }

  private void run() {
    try {
      while (!stopping) {
        Step step = schedule.next();
        LockSupport.parkNanos(step.gapMs() * 1_000_000L);
        if (!stopping) {
          injector.inject(step);
        }
      }
    } catch (Exception e) {
      failure.set(e);
    }
  }
}

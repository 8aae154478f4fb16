package io.gochat.bench.load;

import io.gochat.bench.process.AtExit;
import io.gochat.bench.process.ProcessProbe;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether a run ends before its time, and why: somebody presses Ctrl-C, or the server dies. What was measured until then
 * is told all the same. Thread-safe.
 */
final class Ending implements AutoCloseable {
  private static final long TELLING_S = 20;

  private final CountDownLatch told = new CountDownLatch(1);
  private final AtExit atExit = AtExit.run(this::interrupt);
  private volatile String reason = "";
  private volatile boolean interrupted;

  private void interrupt() {
    interrupted = true;
    request("it was interrupted");
    try {
      if (!told.await(TELLING_S, TimeUnit.SECONDS)) {
        System.err.println("gochat load: the summary was not ready in " + TELLING_S + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the run soon; the first reason counts. */
  synchronized void request(String why) {
    if (reason.isEmpty()) {
      reason = why;
    }
  }

  /** Whether it should end; a server that is gone ends it. */
  boolean isDue(@Nullable ProcessProbe server) {
    if (server != null && !server.isAlive()) {
      request("the server's process has ended");
    }
    return !reason.isEmpty();
  }

  /** Whether somebody wanted it so: connections that end from now on say nothing about the server. */
  boolean isInterrupted() {
    return interrupted;
  }

  /** Why it ended before its time; empty: it did not. */
  String reason() {
    return reason;
  }

  /** Everything is told. */
  @Override
  public void close() {
    told.countDown();
    atExit.forget();
  }
}

package io.gochat.bench.verify;

/** Publishes values one after the other until it is told to stop. Thread-safe. */
interface Publisher {
  /** Begins to publish. */
  void start();

  /** Starts no new value; those on the way go on until they are answered. */
  void stop();

  /** Waits until nothing is on the way any more, and gives up what still is after {@code deadlineMs} milliseconds. */
  void finish(long deadlineMs) throws InterruptedException;
}

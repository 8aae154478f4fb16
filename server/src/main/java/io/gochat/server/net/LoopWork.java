package io.gochat.server.net;

/**
 * What an event loop does between its I/O polls. Confined to that loop: another thread that wants it to become pending
 * hands a task to the loop.
 */
public interface LoopWork {
  /** Whether there is something to do now; the loop does not block while there is. Asked before every poll: cheap. */
  boolean pending();

  /** Does a bounded part of the work, then lets the loop poll I/O again. Must not throw. */
  void run();
}

package io.gochat.server.command;

/** Whether the server is stopping: who signs in now is sent away again. Thread-safe. */
final class Draining {
  private volatile boolean started;

  void start() {
    started = true;
  }

  boolean isStarted() {
    return started;
  }
}

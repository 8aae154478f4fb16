package io.gochat.server;

import io.gochat.server.net.LoopWork;
import io.gochat.server.registry.LoopSweep;

/** The fan-out as what one event loop does between its polls. */
record SweepWork(LoopSweep sweep) implements LoopWork {
  @Override
  public boolean pending() {
    return sweep.isSweepPending();
  }

  @Override
  public void run() {
    sweep.sweep();
  }
}

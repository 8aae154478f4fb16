package io.gochat.server;

import io.gochat.server.net.LoopWork;
import io.gochat.server.registry.SweepingFanOut;
import io.netty.channel.EventLoop;

/** The fan-out as what one event loop does between its polls. */
record SweepWork(SweepingFanOut fanOut, EventLoop loop) implements LoopWork {
  @Override
  public boolean pending() {
    return fanOut.isSweepPending(loop);
  }

  @Override
  public void run() {
    fanOut.sweep(loop);
  }
}

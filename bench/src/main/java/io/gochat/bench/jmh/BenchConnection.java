package io.gochat.bench.jmh;

import io.gochat.server.frame.FrameFormat;
import io.gochat.server.registry.CloseReason;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.WireFormat;
import io.netty.channel.Channel;

/** A connection as the fan-out sees it, without the protocol around it. Immutable. */
record BenchConnection(Channel channel, long userId) implements Connection {
  @Override
  public String username() {
    return "bench";
  }

  @Override
  public String deviceId() {
    return "";
  }

  @Override
  public String sessionId() {
    return "session-" + userId;
  }

  @Override
  public WireFormat wireFormat() {
    return FrameFormat.INSTANCE;
  }

  @Override
  public void close(CloseReason reason) {
    channel.close();
  }
}

package io.gochat.server.registry;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection of user 1 that is nothing but its names, and counts how often it was closed. Thread-safe. */
final class NamedConnection implements Connection {
  final String device;
  final String session;
  final AtomicInteger closed = new AtomicInteger();

  NamedConnection(String device, String session) {
    this.device = device;
    this.session = session;
  }

  @Override
  public Channel channel() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long userId() {
    return 1;
  }

  @Override
  public String username() {
    return "u";
  }

  @Override
  public String deviceId() {
    return device;
  }

  @Override
  public String sessionId() {
    return session;
  }

  @Override
  public WireFormat wireFormat() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close(CloseReason reason) {
    closed.incrementAndGet();
  }

  @Override
  public String toString() {
    return session;
  }
}

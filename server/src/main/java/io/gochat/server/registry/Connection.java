package io.gochat.server.registry;

import io.netty.channel.Channel;

/**
 * A live transport of a signed-in user, as the registry and the fan-out see it. The getters are immutable after
 * {@code Welcome} and may be called from any thread.
 */
public interface Connection {
  /** Its Netty channel. */
  Channel channel();

  /** The owner, from the token. */
  long userId();

  /** The owner's name, from the token. */
  String username();

  /** The device, empty for an anonymous one. */
  String deviceId();

  /** The session that it was opened with. */
  String sessionId();

  /** How messages look on this connection. */
  WireFormat wireFormat();

  /** Says goodbye with the reason and closes after what was accepted is answered. Any thread; idempotent. */
  void close(CloseReason reason);
}

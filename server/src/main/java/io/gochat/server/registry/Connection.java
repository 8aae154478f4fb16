package io.gochat.server.registry;

import io.netty.channel.Channel;

/**
 * A live transport of a signed-in user, as the registry and the fan-out see it. The getters are immutable after
 * {@code Welcome} and may be called from any thread.
 */
public interface Connection {
  /**
   * Its Netty channel. Pushed bytes go past its pipeline, straight into the socket, if that is an epoll socket, by way of
   * the engine of its TLS handler if it has one; on any other they are written through the pipeline as buffers of whole
   * frames, which its handlers have to let through as they are. The fan-out looks at the pipeline once, when it is opened
   * for the connection: what decrypts must be in place by then, with its handshake over.
   */
  Channel channel();

  /** The owner, from the token. */
  long userId();

  /** The owner's name, from the token. */
  String username();

  /** The device, empty for an anonymous one. */
  String deviceId();

  /** The session that it was opened with. */
  String sessionId();

  /** How messages look on this connection: always the same object, one per format. */
  WireFormat wireFormat();

  /** Says goodbye with the reason and closes after what was accepted is answered. Any thread; idempotent. */
  void close(CloseReason reason);
}

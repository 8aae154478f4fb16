package io.gochat.server.command;

import io.gochat.protocol.ClientFrame;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The far end of a connection, as its protocol shows it to the {@link CommandConnection}: commands come out of it one by
 * one, answers go to its channel in its format. Confined to the channel's event loop.
 */
public interface Peer {
  /** Its channel. */
  Channel channel();

  /** How answers and pushes look on its wire. */
  AnswerFormat format();

  /** The longest message that it may send, in bytes; {@code Welcome} says so. */
  int maxMessageBytes();

  /**
   * The next command that has come whole; null: bytes are missing.
   *
   * @throws UnreadableException when what came is no command
   */
  @Nullable
  ClientFrame next() throws UnreadableException;

  /** As many bytes as the message will have that has begun and not come whole; 0: there is none. */
  int unfinishedBytes();

  /** Nothing was heard of it for a heartbeat: asks for a sign of life, if its protocol has one. */
  default void probe() {}

  /** Lets go of everything that came and was not taken; nothing is asked for any more. */
  void discard();

  /** The last answer has been written and flushed: closes, in the way of its protocol. Called once. */
  void finish(Farewell farewell);
}

package io.gochat.client;

/**
 * Told of a message that is handed over exactly once and in the order of its topic. Called on the client's listener executor, one call at a time for all listeners of a client. An
 * exception is logged and otherwise ignored.
 */
@FunctionalInterface
public interface MessageListener {
  /** Called for each of them. */
  void onMessage(Message message);
}

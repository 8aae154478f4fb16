package io.gochat.client;

/**
 * Told of a change of what the client is doing. Called on the client's listener executor, one call at a time for all listeners of a client. An
 * exception is logged and otherwise ignored.
 */
@FunctionalInterface
public interface StateListener {
  /** Called for each of them. */
  void onState(ConnectionState state);
}

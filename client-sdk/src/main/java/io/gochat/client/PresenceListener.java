package io.gochat.client;

/**
 * Told of a change of who is in a joined room. Called on the client's listener executor, one call at a time for all listeners of a client. An
 * exception is logged and otherwise ignored.
 */
@FunctionalInterface
public interface PresenceListener {
  /** Called for each of them. */
  void onPresence(Presence presence);
}

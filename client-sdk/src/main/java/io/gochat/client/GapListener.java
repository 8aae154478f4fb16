package io.gochat.client;

/**
 * Told of messages that cannot be delivered any more. Called on the client's listener executor, one call at a time for all listeners of a client. An
 * exception is logged and otherwise ignored.
 */
@FunctionalInterface
public interface GapListener {
  /** Called for each of them. */
  void onGap(Gap gap);
}

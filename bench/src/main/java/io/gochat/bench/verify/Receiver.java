package io.gochat.bench.verify;

import java.util.List;

/** A client process that receives, dies and comes back, and takes down what its listener is called with. */
interface Receiver extends AutoCloseable {
  /** The device id, which stays the same over all lives. */
  String device();

  /** Begins the first life; returns when it has joined everything. */
  void start() throws Exception;

  /** Ends this life without a goodbye and begins the next one from the stored positions. */
  void crashAndRestart() throws Exception;

  /** The highest sequence of the topic that the listener was called with, in any life. */
  long highest(Target target);

  /** What was handed over, per topic; complete once the receiver is closed. */
  List<History.Subscription> subscriptions();

  /** For people: what it is doing now. */
  String state();

  @Override
  void close();
}

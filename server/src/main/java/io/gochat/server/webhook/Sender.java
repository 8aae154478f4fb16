package io.gochat.server.webhook;

import java.util.function.Consumer;

/** Tries to tell an endpoint of an event, once. Called on the webhooks' loop, and answers there. */
interface Sender extends AutoCloseable {
  /** Answers exactly once. */
  void send(Endpoint endpoint, Event event, Consumer<Outcome> answer);

  /** What took too long is over; called now and then. */
  void tick();

  /** The endpoint changed, or is no more: nothing of it is kept open. */
  void forget(Endpoint endpoint);

  @Override
  void close();
}

package io.gochat.client;

/** Something for the listeners. Immutable. */
sealed interface Delivery {
  /** A message of a subscription. */
  record OfMessage(Subscription subscription, Message message) implements Delivery {}

  /** A gap of a subscription. */
  record OfGap(Subscription subscription, Gap gap) implements Delivery {}

  /** A presence change of a subscription. */
  record OfPresence(Subscription subscription, Presence presence) implements Delivery {}

  /** A change of the client itself. */
  record OfState(ConnectionState state) implements Delivery {}
}

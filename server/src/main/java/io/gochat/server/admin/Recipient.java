package io.gochat.server.admin;

/** Whom something is published to. Immutable. */
public sealed interface Recipient {
  /** A user, by id. */
  record UserId(long id) implements Recipient {}

  /** A user, by name. */
  record UserName(String name) implements Recipient {}

  /** A room. */
  record Room(long id) implements Recipient {}
}

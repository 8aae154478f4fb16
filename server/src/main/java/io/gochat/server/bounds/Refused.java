package io.gochat.server.bounds;

import java.util.Locale;

/** Whose bound a reservation would have broken. */
enum Refused {
  /** Everybody's: there is no room. */
  FULL,
  /** The user's, an eighth. */
  USER,
  /** The client address's, a half. */
  ADDRESS;

  /** The value of the counter's tag. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.gochat.client;

import org.jspecify.annotations.Nullable;

/**
 * Where a publish goes: a topic, or the inbox of a user whose name is all that is known. Immutable.
 *
 * @param topic null: it goes to {@code username}
 * @param username empty: it goes to {@code topic}
 */
record Recipient(@Nullable Topic topic, String username) {
  static Recipient of(Topic topic) {
    return new Recipient(topic, "");
  }

  static Recipient named(String username) {
    return new Recipient(null, username);
  }
}

package io.gochat.client;

import io.gochat.protocol.Limits;

/** Where messages go: a room, or the inbox of a user. Immutable. */
public sealed interface Topic {
  /** The room {@code id}, which anybody may join. */
  static Room room(long id) {
    return new Room(id);
  }

  /** The inbox of the user {@code id}. */
  static User user(long id) {
    return new User(id);
  }

  /** The room's or user's id, 1 … 2^53-1. */
  long id();

  /** A room. */
  record Room(long id) implements Topic {
    /** Checks the id. */
    public Room {
      requireId(id);
    }
  }

  /** A user's inbox. */
  record User(long id) implements Topic {
    /** Checks the id. */
    public User {
      requireId(id);
    }
  }

  private static void requireId(long id) {
    if (!Limits.isId(id)) {
      throw new IllegalArgumentException("an id is 1 … 2^53-1, not " + id);
    }
  }
}

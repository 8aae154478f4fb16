package io.gochat.server.cluster;

/** Who is in which room on the other nodes. Thread-safe; nothing blocks. */
public interface NodePresence {
  /** A node that is alone. */
  NodePresence NONE = new NodePresence() {
    @Override
    public void start(Listener listener) {
      // There is nobody to tell of.
    }

    @Override
    public void join(long roomId, long userId, String username) {
      // Nobody else wants to know.
    }

    @Override
    public void leave(long roomId, long userId) {
      // Nobody else wants to know.
    }
  };

  /** Hears of users on other nodes; a user who is in a room through two of them is told twice, coming and going. */
  interface Listener {
    /** The user is in the room through one more node. */
    void joined(long roomId, long userId, String username);

    /** The user is in the room through one node less. */
    void left(long roomId, long userId);
  }

  /** Starts to tell; once. */
  void start(Listener listener);

  /** A connection of this node entered the room. */
  void join(long roomId, long userId, String username);

  /** A connection of this node left the room. */
  void leave(long roomId, long userId);
}

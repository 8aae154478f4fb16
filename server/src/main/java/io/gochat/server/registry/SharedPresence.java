package io.gochat.server.registry;

import io.gochat.server.cluster.NodePresence;

/**
 * Presence over all nodes: the members of the others are counted beside those of this one. Thread-safe. A user who is in
 * a room through several nodes is one user, just as with several connections to one node.
 */
public final class SharedPresence implements RoomPresence {
  private final RoomPresence all;
  private final NodePresence others;

  /** Counts everybody in {@code all}. */
  public SharedPresence(RoomPresence all, NodePresence others) {
    this.all = all;
    this.others = others;
    others.start(new NodePresence.Listener() {
      @Override
      public void joined(long roomId, long userId, String username) {
        all.join(roomId, userId, username);
      }

      @Override
      public void left(long roomId, long userId) {
        all.leave(roomId, userId);
      }
    });
  }

  @Override
  public int join(long roomId, long userId, String username) {
    others.join(roomId, userId, username);
    return all.join(roomId, userId, username);
  }

  @Override
  public void leave(long roomId, long userId) {
    others.leave(roomId, userId);
    all.leave(roomId, userId);
  }

  @Override
  public Room room(long roomId, int maxListed) {
    return all.room(roomId, maxListed);
  }
}

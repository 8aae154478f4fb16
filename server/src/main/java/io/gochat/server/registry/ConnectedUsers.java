package io.gochat.server.registry;

import io.gochat.server.cluster.NodePresence;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who is connected to another of the nodes that share a store. Thread-safe. It travels as the presence in a room that there
 * is not, so that leases, reconnects and late starts are taken care of already; and only where somebody asks, because every
 * connection costs every node a little.
 */
public final class ConnectedUsers implements NodePresence {
  private static final long NO_ROOM = 0;

  private final NodePresence nodes;
  private final boolean isTold;
  private final ConcurrentHashMap<Long, Integer> elsewhere = new ConcurrentHashMap<>();

  /** Nobody tells of connections, and nobody asks. */
  public static ConnectedUsers unasked(NodePresence nodes) {
    return new ConnectedUsers(nodes, false);
  }

  /** Connections are told to the other nodes, beside who is in which room. */
  public static ConnectedUsers over(NodePresence nodes) {
    return new ConnectedUsers(nodes, true);
  }

  private ConnectedUsers(NodePresence nodes, boolean isTold) {
    this.nodes = nodes;
    this.isTold = isTold;
  }

  /** Whether another node has a connection of the user. */
  public boolean isElsewhere(long userId) {
    return elsewhere.containsKey(userId);
  }

  /** A connection of the user was opened here. */
  void connected(long userId, String username) {
    if (isTold) {
      nodes.join(NO_ROOM, userId, username);
    }
  }

  /** A connection of the user here is gone. */
  void disconnected(long userId) {
    if (isTold) {
      nodes.leave(NO_ROOM, userId);
    }
  }

  @Override
  public void start(Listener listener) {
    nodes.start(new Listener() {
      @Override
      public void joined(long roomId, long userId, String username) {
        if (roomId == NO_ROOM) {
          elsewhere.merge(userId, 1, Integer::sum);
        } else {
          listener.joined(roomId, userId, username);
        }
      }

      @Override
      public void left(long roomId, long userId) {
        if (roomId == NO_ROOM) {
          elsewhere.computeIfPresent(userId, (id, nodes) -> nodes > 1 ? nodes - 1 : null);
        } else {
          listener.left(roomId, userId);
        }
      }
    });
  }

  @Override
  public void join(long roomId, long userId, String username) {
    nodes.join(roomId, userId, username);
  }

  @Override
  public void leave(long roomId, long userId) {
    nodes.leave(roomId, userId);
  }
}

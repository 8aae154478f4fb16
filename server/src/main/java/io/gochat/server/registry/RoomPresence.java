package io.gochat.server.registry;

import io.gochat.protocol.Member;
import java.util.List;

/** Who is in which room, as distinct users over all their connections. Thread-safe. */
public interface RoomPresence {
  /** A connection of the user entered the room; returns the distinct users there now. */
  int join(long roomId, long userId, String username);

  /** A connection of the user left the room. */
  void leave(long roomId, long userId);

  /** The exact count, and at most {@code maxListed} members. */
  Room room(long roomId, int maxListed);

  /**
   * A room's members at one moment.
   *
   * @param count distinct users, exact
   * @param members some or all of them
   */
  record Room(int count, List<Member> members) {}
}

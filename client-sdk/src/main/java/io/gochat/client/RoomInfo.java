package io.gochat.client;

import java.util.List;

/**
 * Who is in a room. Immutable.
 *
 * @param roomId the room
 * @param count distinct users, exact
 * @param members at most 1,000 of them
 */
public record RoomInfo(long roomId, int count, List<Member> members) {
  /** Takes a copy. */
  public RoomInfo {
    members = List.copyOf(members);
  }
}

package io.gochat.client;

import java.util.List;

/**
 * Who came and went in a room since the last time, coalesced. Large rooms tell only the count. Immutable.
 *
 * @param roomId the room
 * @param count distinct users in it now
 * @param joined who came
 * @param left who went
 */
public record Presence(long roomId, int count, List<Member> joined, List<Member> left) {
  /** Takes copies. */
  public Presence {
    joined = List.copyOf(joined);
    left = List.copyOf(left);
  }
}

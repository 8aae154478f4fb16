package io.gochat.server.registry;

import io.gochat.protocol.Member;
import java.util.List;

/** Hears of coalesced changes of rooms; called by any thread, returns quickly. */
public interface RoomPresenceListener {
  /** The room has {@code count} distinct users now; empty lists: only the count is told. */
  void presenceChanged(long roomId, int count, List<Member> joined, List<Member> left);
}

package io.gochat.server.registry;

import io.gochat.protocol.Member;
import io.gochat.server.registry.RoomPresence.Room;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is in one room, and what changed since that was told last. Thread-safe; calls nobody under its lock. Once empty it
 * stays empty: whoever comes later gets a new one.
 */
final class LocalRoom {
  /** Over so many members only the count is told. */
  private static final int NAMED_MEMBERS = 200;

  private final Map<Long, Present> users = new HashMap<>(4);
  // Since the last telling: who came (with the name) and who went, each but those who did both.
  private final Map<Long, String> came = new HashMap<>(2);
  private final Map<Long, String> went = new HashMap<>(2);
  private boolean isPartial; // some came or went while there were too many to be named
  private boolean announced;
  private boolean gone;
  private int toldCount;

  /**
   * What coming or going has changed.
   *
   * @param count users in the room now
   * @param isFirst it is the first change since the last telling
   */
  record Change(int count, boolean isFirst) {}

  /** What is told: everybody who came and went, or nobody but the count. */
  record Changes(int count, List<Member> joined, List<Member> left) {}

  private static final class Present {
    final String username;
    int connections;

    Present(String username) {
      this.username = username;
    }
  }

  /** A connection of the user enters; null when the room is gone. */
  synchronized @Nullable Change join(long userId, String username) {
    if (gone) {
      return null;
    }
    Present present = users.computeIfAbsent(userId, id -> new Present(username));
    if (++present.connections > 1) {
      return new Change(users.size(), false);
    }
    if (went.remove(userId) == null) {
      note(came, userId, username);
    }
    return changed();
  }

  /** A connection of the user leaves; with the last user the room is gone. */
  synchronized Change leave(long userId) {
    Present present = users.get(userId);
    if (present == null || --present.connections > 0) {
      return new Change(users.size(), false);
    }
    users.remove(userId);
    gone = users.isEmpty();
    if (came.remove(userId) == null) {
      note(went, userId, present.username);
    }
    return changed();
  }

  synchronized Room listed(int maxListed) {
    List<Member> members = new ArrayList<>();
    for (Map.Entry<Long, Present> entry : users.entrySet()) {
      if (members.size() >= maxListed) {
        break;
      }
      members.add(member(entry.getKey(), entry.getValue().username));
    }
    return new Room(users.size(), members);
  }

  /** Takes what changed since the last time; null: nothing did. */
  synchronized @Nullable Changes takeChanges() {
    announced = false;
    boolean changed = users.size() != toldCount || !came.isEmpty() || !went.isEmpty() || isPartial;
    boolean isNamed = users.size() <= NAMED_MEMBERS && !isPartial;
    Changes changes = new Changes(
        users.size(), isNamed ? members(came) : List.of(), isNamed ? members(went) : List.of());
    toldCount = users.size();
    came.clear();
    went.clear();
    isPartial = false;
    return changed ? changes : null;
  }

  // A part of the names would be worse than none: whoever applies it has a wrong list.
  private void note(Map<Long, String> names, long userId, String username) {
    if (users.size() > NAMED_MEMBERS) {
      isPartial = true;
    } else {
      names.put(userId, username);
    }
  }

  private Change changed() {
    boolean isFirst = !announced;
    announced = true;
    return new Change(users.size(), isFirst);
  }

  private static List<Member> members(Map<Long, String> names) {
    List<Member> members = new ArrayList<>(names.size());
    names.forEach((id, name) -> members.add(member(id, name)));
    return members;
  }

  private static Member member(long userId, String username) {
    return Member.newBuilder().setUserId(userId).setUsername(username).build();
  }
}

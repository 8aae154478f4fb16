package io.gochat.server.registry;

import io.gochat.protocol.Member;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Who is in which room, on this node. Thread-safe: each room has its own lock, held for one map operation; the listener
 * is called outside it. A change costs O(1); what changed is told once per room and {@code max(500 ms, members / 20 ms)}.
 */
public final class LocalPresence implements RoomPresence {
  /** Over so many members only the count is told. */
  static final int NAMED_MEMBERS = 200;

  private static final long MIN_INTERVAL_MS = 500;
  private static final int MEMBERS_PER_MS = 20;

  private final ConcurrentHashMap<Long, RoomState> rooms = new ConcurrentHashMap<>();
  private final ScheduledExecutorService scheduler;
  private final RoomPresenceListener listener;

  /** Tells {@code listener} on the threads of {@code scheduler}. */
  public LocalPresence(ScheduledExecutorService scheduler, RoomPresenceListener listener) {
    this.scheduler = scheduler;
    this.listener = listener;
  }

  @Override
  public int join(long roomId, long userId, String username) {
    Change change = new Change();
    rooms.compute(roomId, (id, room) -> {
      RoomState state = room == null ? new RoomState() : room;
      change.schedule = state.join(userId, username);
      change.count = state.users.size();
      return state;
    });
    announce(roomId, change);
    return change.count;
  }

  @Override
  public void leave(long roomId, long userId) {
    Change change = new Change();
    rooms.computeIfPresent(roomId, (id, room) -> {
      change.schedule = room.leave(userId);
      change.count = room.users.size();
      // Nobody is left to be told of the last one's leaving.
      return room.users.isEmpty() ? null : room;
    });
    if (change.count > 0) {
      announce(roomId, change);
    }
  }

  @Override
  public Room room(long roomId, int maxListed) {
    List<Member> members = new ArrayList<>();
    Change count = new Change();
    rooms.computeIfPresent(roomId, (id, room) -> {
      count.count = room.users.size();
      for (Map.Entry<Long, Present> entry : room.users.entrySet()) {
        if (members.size() >= maxListed) {
          break;
        }
        members.add(member(entry.getKey(), entry.getValue().username));
      }
      return room;
    });
    return new Room(count.count, members);
  }

  private void announce(long roomId, Change change) {
    if (change.schedule) {
      long delayMs = Math.max(MIN_INTERVAL_MS, change.count / MEMBERS_PER_MS);
      scheduler.schedule(() -> tell(roomId), delayMs, TimeUnit.MILLISECONDS);
    }
  }

  private void tell(long roomId) {
    List<Member> joined = new ArrayList<>();
    List<Member> left = new ArrayList<>();
    Change change = new Change();
    rooms.computeIfPresent(roomId, (id, room) -> {
      change.schedule = room.takeChanges(joined, left);
      change.count = room.users.size();
      return room;
    });
    if (change.schedule) {
      listener.presenceChanged(roomId, change.count, joined, left);
    }
  }

  private static Member member(long userId, String username) {
    return Member.newBuilder().setUserId(userId).setUsername(username).build();
  }

  private static final class Change {
    boolean schedule;
    int count;
  }

  private static final class Present {
    final String username;
    int connections;

    Present(String username) {
      this.username = username;
    }
  }

  /** One room; only touched inside the map's atomic steps. */
  private static final class RoomState {
    final Map<Long, Present> users = new HashMap<>(4);
    // Since the last telling: who came (with the name) and who went. Coming and going cancel each
    // other out.
    private final Map<Long, String> came = new HashMap<>(2);
    private final Map<Long, String> went = new HashMap<>(2);
    private boolean scheduled;
    private int toldCount;

    boolean join(long userId, String username) {
      Present present = users.computeIfAbsent(userId, id -> new Present(username));
      if (++present.connections > 1) {
        return false;
      }
      if (went.remove(userId) == null && named()) {
        came.put(userId, username);
      }
      return schedule();
    }

    boolean leave(long userId) {
      Present present = users.get(userId);
      if (present == null || --present.connections > 0) {
        return false;
      }
      users.remove(userId);
      if (came.remove(userId) == null && named()) {
        went.put(userId, present.username);
      }
      return schedule();
    }

    private boolean named() {
      return users.size() <= NAMED_MEMBERS;
    }

    private boolean schedule() {
      boolean first = !scheduled;
      scheduled = true;
      return first;
    }

    /** Empties what changed into the lists; false: nothing did. */
    boolean takeChanges(List<Member> joined, List<Member> left) {
      scheduled = false;
      boolean changed = users.size() != toldCount || !came.isEmpty() || !went.isEmpty();
      toldCount = users.size();
      if (named()) {
        came.forEach((id, name) -> joined.add(member(id, name)));
        went.forEach((id, name) -> left.add(member(id, name)));
      }
      came.clear();
      went.clear();
      return changed;
    }
  }
}

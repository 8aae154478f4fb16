package io.gochat.server.registry;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Who is in which room, on this node. Thread-safe: each room has its own lock, held for one change; the listener is called
 * outside it. A change costs O(1); what changed is told once per room and {@code max(500 ms, members / 20 ms)}.
 */
public final class LocalPresence implements RoomPresence {
  private static final long MIN_INTERVAL_MS = 500;
  private static final int MEMBERS_PER_MS = 20;

  private final ConcurrentHashMap<Long, LocalRoom> rooms = new ConcurrentHashMap<>();
  private final ScheduledExecutorService scheduler;
  private final RoomPresenceListener listener;

  /** Tells {@code listener} on the threads of {@code scheduler}. */
  public LocalPresence(ScheduledExecutorService scheduler, RoomPresenceListener listener) {
    this.scheduler = scheduler;
    this.listener = listener;
  }

  @Override
  public int join(long roomId, long userId, String username) {
    while (true) {
      LocalRoom room = rooms.computeIfAbsent(roomId, id -> new LocalRoom());
      LocalRoom.Change change = room.join(userId, username);
      if (change != null) {
        announce(roomId, change);
        return change.count();
      }
      rooms.remove(roomId, room); // its last member left between the two steps
    }
  }

  @Override
  public void leave(long roomId, long userId) {
    LocalRoom room = rooms.get(roomId);
    if (room == null) {
      return;
    }
    LocalRoom.Change change = room.leave(userId);
    if (change.count() > 0) {
      announce(roomId, change);
    } else {
      rooms.remove(roomId, room); // nobody is left to be told of the last one's leaving
    }
  }

  @Override
  public Room room(long roomId, int maxListed) {
    LocalRoom room = rooms.get(roomId);
    return room == null ? new Room(0, List.of()) : room.listed(maxListed);
  }

  private void announce(long roomId, LocalRoom.Change change) {
    if (change.isFirst()) {
      long delayMs = Math.max(MIN_INTERVAL_MS, change.count() / MEMBERS_PER_MS);
      scheduler.schedule(() -> tell(roomId), delayMs, TimeUnit.MILLISECONDS);
    }
  }

  private void tell(long roomId) {
    LocalRoom room = rooms.get(roomId);
    LocalRoom.Changes changes = room == null ? null : room.takeChanges();
    if (changes != null) {
      listener.presenceChanged(roomId, changes.count(), changes.joined(), changes.left());
    }
  }
}

package io.gochat.server.registry;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected here: by session, and by user and device. Thread-safe; every operation touches one map bin at a time
 * and calls nobody while it holds one.
 */
public final class ConnectionRegistry {
  private final int maxPerUser;
  private final ConcurrentHashMap<Long, User> users = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Set<Connection>> sessions = new ConcurrentHashMap<>();
  private final AtomicInteger size = new AtomicInteger();

  /** At most {@code maxPerUser} connections of one user; 0: no limit. */
  public ConnectionRegistry(int maxPerUser) {
    this.maxPerUser = maxPerUser;
  }

  /**
   * Adds a connection. An earlier connection of the same non-empty device is taken out and closed with
   * {@link CloseReason#REPLACED}.
   *
   * @return false when the user has as many connections as allowed; nothing is changed then
   */
  public boolean register(Connection connection) {
    // First: as soon as it is among its user's connections, a successor may replace it and take it
    // out of both.
    sessions.compute(connection.sessionId(), (id, set) -> {
      Set<Connection> current = set == null ? ConcurrentHashMap.newKeySet(2) : set;
      current.add(connection);
      return current;
    });
    Admission admission = new Admission();
    users.compute(connection.userId(), (id, user) -> {
      User current = user == null ? new User() : user;
      admission.replaced = current.ofDevice(connection.deviceId());
      int others = current.connections.size() - (admission.replaced == null ? 0 : 1);
      if (maxPerUser > 0 && others >= maxPerUser) {
        admission.refused = true;
        admission.replaced = null;
        return user;
      }
      if (admission.replaced != null) {
        current.connections.remove(admission.replaced);
      }
      current.connections.add(connection);
      return current;
    });
    if (admission.refused) {
      forgetSession(connection);
      return false;
    }
    size.incrementAndGet();
    Connection replaced = admission.replaced;
    if (replaced != null) {
      size.decrementAndGet();
      forgetSession(replaced);
      replaced.close(CloseReason.REPLACED);
    }
    return true;
  }

  /** Takes a connection out; without effect when it is not (or no longer) registered. */
  public void unregister(Connection connection) {
    Admission removal = new Admission();
    users.computeIfPresent(connection.userId(), (id, user) -> {
      removal.removed = user.connections.remove(connection);
      return user.connections.isEmpty() ? null : user;
    });
    if (removal.removed) {
      size.decrementAndGet();
      forgetSession(connection);
    }
  }

  /** The connections that were opened with this session; a snapshot. */
  public Collection<Connection> ofSession(String sessionId) {
    Set<Connection> set = sessions.get(sessionId);
    return set == null ? List.of() : List.copyOf(set);
  }

  /** The connections of this user; a snapshot. */
  public Collection<Connection> ofUser(long userId) {
    List<Connection> found = new ArrayList<>();
    users.computeIfPresent(userId, (id, user) -> {
      found.addAll(user.connections);
      return user;
    });
    return found;
  }

  /** All connections; a snapshot that may miss what comes or goes meanwhile. */
  public Collection<Connection> all() {
    List<Connection> found = new ArrayList<>(size.get());
    for (Set<Connection> set : sessions.values()) {
      found.addAll(set);
    }
    return found;
  }

  /** The sessions that have a connection here; a snapshot. */
  public Collection<String> sessionIds() {
    return List.copyOf(sessions.keySet());
  }

  /** How many connections are registered. */
  public int size() {
    return size.get();
  }

  private void forgetSession(Connection connection) {
    sessions.computeIfPresent(connection.sessionId(), (id, set) -> {
      set.remove(connection);
      return set.isEmpty() ? null : set;
    });
  }

  private static final class User {
    // A hash set: one load tester may hold fifteen thousand anonymous devices of one user.
    final Set<Connection> connections = new java.util.HashSet<>(2);
    // Only named devices; written and read under the map bin.
    @Nullable
    Connection ofDevice(String deviceId) {
      if (deviceId.isEmpty()) {
        return null;
      }
      for (Connection connection : connections) {
        if (connection.deviceId().equals(deviceId)) {
          return connection;
        }
      }
      return null;
    }
  }

  private static final class Admission {
    boolean refused;
    boolean removed;

    @Nullable
    Connection replaced;
  }
}

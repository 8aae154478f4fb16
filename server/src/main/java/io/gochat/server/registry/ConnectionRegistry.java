package io.gochat.server.registry;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
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
  private final DeviceClaims claims;
  private final ConcurrentHashMap<Long, User> users = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Set<Connection>> sessions = new ConcurrentHashMap<>();
  private final AtomicInteger size = new AtomicInteger();

  /** At most {@code maxPerUser} connections of one user; 0: no limit. */
  public ConnectionRegistry(int maxPerUser) {
    this(maxPerUser, DeviceClaims.NONE);
  }

  /** The same on one of several nodes, which tells the others of its devices. */
  public ConnectionRegistry(int maxPerUser, DeviceClaims claims) {
    this.maxPerUser = maxPerUser;
    this.claims = claims;
  }

  /** What a device's latest connection elsewhere means here. */
  public enum Claim {
    /** The device has no connection here. */
    ABSENT,
    /** Its connection here was older, and is closed with {@link CloseReason#REPLACED}. */
    REPLACED,
    /** Its connection here is the later one, and stays. */
    LATER_HERE
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
    boolean named = !connection.deviceId().isEmpty();
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
      current.connections.put(connection, named ? claims.now() : 0L);
      return current;
    });
    if (admission.refused) {
      forgetSession(connection);
      return false;
    }
    size.incrementAndGet();
    if (admission.replaced != null) {
      closeReplaced(admission.replaced);
    }
    if (named) {
      claims.changed(connection.userId(), connection.deviceId());
    }
    return true;
  }

  private void closeReplaced(Connection replaced) {
    size.decrementAndGet();
    forgetSession(replaced);
    replaced.close(CloseReason.REPLACED);
  }

  /**
   * Another node has a connection of this device since {@code elsewhere}, by {@link DeviceClaims#now}: an older one here
   * is taken out and closed, a later one stays.
   */
  public Claim claimed(long userId, String deviceId, long elsewhere) {
    Admission found = new Admission();
    Claim[] claim = {Claim.ABSENT};
    users.computeIfPresent(userId, (id, user) -> {
      Connection here = user.ofDevice(deviceId);
      if (here == null) {
        return user;
      }
      if (user.since(here) > elsewhere) {
        claim[0] = Claim.LATER_HERE;
        return user;
      }
      claim[0] = Claim.REPLACED;
      found.replaced = here;
      user.connections.remove(here);
      return user.connections.isEmpty() ? null : user;
    });
    if (found.replaced != null) {
      closeReplaced(found.replaced);
    }
    return claim[0];
  }

  /** Since when the device is connected here, by {@link DeviceClaims#now}; empty when it is not. */
  public OptionalLong connectedSince(long userId, String deviceId) {
    long[] since = {0};
    boolean[] here = {false};
    users.computeIfPresent(userId, (id, user) -> {
      Connection connection = user.ofDevice(deviceId);
      if (connection != null) {
        here[0] = true;
        since[0] = user.since(connection);
      }
      return user;
    });
    return here[0] ? OptionalLong.of(since[0]) : OptionalLong.empty();
  }

  /** Takes a connection out; without effect when it is not (or no longer) registered. */
  public void unregister(Connection connection) {
    Admission removal = new Admission();
    users.computeIfPresent(connection.userId(), (id, user) -> {
      removal.removed = user.connections.remove(connection) != null;
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
      found.addAll(user.connections.keySet());
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
    // Since when, by the clock of all nodes. Hashed: one load tester may hold fifteen thousand
    // anonymous devices of one user. Written and read under the map bin.
    final Map<Connection, Long> connections = new HashMap<>(2);

    long since(Connection connection) {
      return Objects.requireNonNull(connections.get(connection), "not registered");
    }

    // Only named devices.
    @Nullable
    Connection ofDevice(String deviceId) {
      if (deviceId.isEmpty()) {
        return null;
      }
      for (Connection connection : connections.keySet()) {
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

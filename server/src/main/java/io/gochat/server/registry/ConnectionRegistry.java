package io.gochat.server.registry;

import io.gochat.server.cluster.DeviceClaims;
import io.gochat.server.cluster.NodePresence;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who is connected here: by session, and by user and device. Thread-safe; locks are held for short, and nobody is closed
 * under one.
 */
public final class ConnectionRegistry implements DeviceClaims.Connected {
  private final int maxPerUser;
  private final DeviceClaims claims;
  private final ConnectedUsers nodes;
  private final ConcurrentHashMap<Long, UserConnections> users = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, ConnectionSet> sessions = new ConcurrentHashMap<>();
  private final AtomicInteger size = new AtomicInteger();

  /** At most {@code maxPerUser} connections of one user; 0: no limit. */
  public ConnectionRegistry(int maxPerUser) {
    this(maxPerUser, DeviceClaims.NONE, ConnectedUsers.unasked(NodePresence.NONE));
  }

  /** The same on one of several nodes, which tells the others of its devices and, if they ask, of its users. */
  public ConnectionRegistry(int maxPerUser, DeviceClaims claims, ConnectedUsers nodes) {
    this.maxPerUser = maxPerUser;
    this.claims = claims;
    this.nodes = nodes;
  }

  /**
   * Adds a connection. An earlier connection of the same non-empty device is taken out and closed with
   * {@link CloseReason#REPLACED}.
   *
   * @return false when the user has as many connections as allowed; nothing is changed then
   */
  public boolean register(Connection connection) {
    // First: as soon as it is among its user's connections,
    // a successor may replace it and take it out of both.
    sessions.compute(connection.sessionId(), (id, set) -> {
      ConnectionSet current = set == null ? new ConnectionSet() : set;
      current.add(connection);
      return current;
    });
    UserConnections.Admission admission = admit(connection);
    if (!admission.isAdmitted()) {
      forgetSession(connection);
      return false;
    }
    size.incrementAndGet();
    nodes.connected(connection.userId(), connection.username());
    if (admission.replaced() != null) {
      closeReplaced(admission.replaced());
    }
    if (!connection.deviceId().isEmpty()) {
      claims.changed(connection.userId(), connection.deviceId());
    }
    return true;
  }

  private UserConnections.Admission admit(Connection connection) {
    while (true) {
      UserConnections user =
          users.computeIfAbsent(connection.userId(), id -> new UserConnections());
      UserConnections.Admission admission = user.admit(connection, maxPerUser, claims);
      if (admission != null) {
        if (!admission.isAdmitted()) {
          forgetIfEmpty(connection.userId(), user);
        }
        return admission;
      }
      users.remove(connection.userId(), user); // the last one left between the two steps
    }
  }

  private void forgetIfEmpty(long userId, UserConnections user) {
    if (user.closeIfEmpty()) {
      users.remove(userId, user);
    }
  }

  private void closeReplaced(Connection replaced) {
    size.decrementAndGet();
    nodes.disconnected(replaced.userId());
    forgetSession(replaced);
    replaced.close(CloseReason.REPLACED);
  }

  /** An older connection here is closed with {@link CloseReason#REPLACED}. */
  @Override
  public boolean claimed(long userId, String deviceId, long elsewhere) {
    UserConnections user = users.get(userId);
    if (user == null) {
      return false;
    }
    UserConnections.Claimed claimed = user.claim(deviceId, elsewhere);
    if (claimed.replaced() != null) {
      forgetIfEmpty(userId, user);
      closeReplaced(claimed.replaced());
    }
    return claimed.isLaterHere();
  }

  @Override
  public void claimAll() {
    for (Connection connection : all()) {
      if (!connection.deviceId().isEmpty()) {
        claims.changed(connection.userId(), connection.deviceId());
      }
    }
  }

  @Override
  public OptionalLong connectedSince(long userId, String deviceId) {
    UserConnections user = users.get(userId);
    return user == null ? OptionalLong.empty() : user.since(deviceId);
  }

  /** Takes a connection out; without effect when it is not (or no longer) registered. */
  public void unregister(Connection connection) {
    UserConnections user = users.get(connection.userId());
    if (user != null && user.remove(connection)) {
      forgetIfEmpty(connection.userId(), user);
      size.decrementAndGet();
      nodes.disconnected(connection.userId());
      forgetSession(connection);
    }
  }

  /** The connections that were opened with this session; a snapshot. */
  public Collection<Connection> ofSession(String sessionId) {
    ConnectionSet set = sessions.get(sessionId);
    return set == null ? List.of() : set.all();
  }

  /** The connections of this user; a snapshot. */
  public Collection<Connection> ofUser(long userId) {
    UserConnections user = users.get(userId);
    return user == null ? List.of() : user.all();
  }

  /** All connections; a snapshot that may miss what comes or goes meanwhile. */
  public Collection<Connection> all() {
    List<Connection> found = new ArrayList<>(size.get());
    for (ConnectionSet set : sessions.values()) {
      found.addAll(set.all());
    }
    return found;
  }

  /** For the race test: the sessions that have a connection here, a snapshot. */
  Collection<String> sessionIds() {
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
}

package io.gochat.server.registry;

import io.gochat.server.cluster.DeviceClaims;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one user. Thread-safe. Once closed it stays empty: whoever comes later gets a new one.
 */
final class UserConnections {
  private final ConnectionSet connections = new ConnectionSet();

  // Since when a device is here, by the clock of all nodes; alone there is none.
  private @Nullable Map<Connection, Long> since;
  private boolean closed;

  /**
   * What came of a connection that wanted in.
   *
   * @param replaced the connection of the same device that it replaced; null: none
   */
  record Admission(boolean isAdmitted, @Nullable Connection replaced) {
    private static final Admission REFUSED = new Admission(false, null);
    private static final Admission ADDED = new Admission(true, null);
  }

  /** What a connection elsewhere means for the device's connection here, and which one it was. */
  record Claimed(boolean isLaterHere, @Nullable Connection replaced) {
    private static final Claimed ABSENT = new Claimed(false, null);
    private static final Claimed LATER_HERE = new Claimed(true, null);
  }

  /** Adds a connection, of which there may be {@code max} (0: any number); null when this is closed. */
  synchronized @Nullable Admission admit(Connection connection, int max, DeviceClaims claims) {
    if (closed) {
      return null;
    }
    Connection replaced = ofDevice(connection.deviceId());
    int others = connections.size() - (replaced == null ? 0 : 1);
    if (max > 0 && others >= max) {
      return Admission.REFUSED;
    }
    if (replaced != null) {
      forget(replaced);
    }
    // Under the lock: of two connections of a device
    // the later one here is the later one everywhere.
    long now = connection.deviceId().isEmpty() ? 0 : claims.now();
    if (now != 0) {
      since = since == null ? new HashMap<>(2) : since;
      since.put(connection, now);
    }
    connections.add(connection);
    return replaced == null ? Admission.ADDED : new Admission(true, replaced);
  }

  synchronized boolean remove(Connection connection) {
    return forget(connection);
  }

  private boolean forget(Connection connection) {
    if (since != null) {
      since.remove(connection);
    }
    return connections.remove(connection);
  }

  private long sinceOf(Connection connection) {
    return since == null ? 0 : since.getOrDefault(connection, 0L);
  }

  /** The device is connected elsewhere: its connection here is removed, unless that is later. */
  synchronized Claimed claim(String deviceId, long elsewhere) {
    Connection here = ofDevice(deviceId);
    if (here == null) {
      return Claimed.ABSENT;
    }
    if (sinceOf(here) > elsewhere) {
      return Claimed.LATER_HERE;
    }
    forget(here);
    return new Claimed(false, here);
  }

  /** Since when the device is here; empty when it is not. */
  synchronized OptionalLong since(String deviceId) {
    Connection here = ofDevice(deviceId);
    return here == null ? OptionalLong.empty() : OptionalLong.of(sinceOf(here));
  }

  private @Nullable Connection ofDevice(String deviceId) {
    return deviceId.isEmpty() ? null : connections.ofDevice(deviceId);
  }

  synchronized List<Connection> all() {
    return connections.all();
  }

  /** Closes this if nobody is in it. */
  synchronized boolean closeIfEmpty() {
    closed = closed || connections.isEmpty();
    return closed;
  }
}

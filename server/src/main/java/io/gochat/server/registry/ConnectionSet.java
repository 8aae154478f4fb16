package io.gochat.server.registry;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Some connections, nearly always one, which needs no set; hashed beyond that, because one load tester may hold fifteen
 * thousand anonymous devices of one user. Thread-safe.
 */
final class ConnectionSet {
  private @Nullable Connection only;
  private @Nullable Set<Connection> several; // once there was more than one; then all of them

  synchronized void add(Connection connection) {
    Connection first = only;
    if (several != null) {
      several.add(connection);
    } else if (first == null) {
      only = connection;
    } else {
      Set<Connection> both = new HashSet<>();
      both.add(first);
      both.add(connection);
      several = both;
      only = null;
    }
  }

  /** Whether it was in here. */
  synchronized boolean remove(Connection connection) {
    if (several != null) {
      return several.remove(connection);
    }
    boolean found = only == connection;
    if (found) {
      only = null;
    }
    return found;
  }

  synchronized int size() {
    return several != null ? several.size() : only == null ? 0 : 1;
  }

  boolean isEmpty() {
    return size() == 0;
  }

  /** A snapshot. */
  synchronized List<Connection> all() {
    if (several != null) {
      return List.copyOf(several);
    }
    return only == null ? List.of() : List.of(only);
  }

  /** The connection of this device, which is not the anonymous one; null: it has none here. */
  synchronized @Nullable Connection ofDevice(String deviceId) {
    if (several == null) {
      return only != null && only.deviceId().equals(deviceId) ? only : null;
    }
    for (Connection connection : several) {
      if (connection.deviceId().equals(deviceId)) {
        return connection;
      }
    }
    return null;
  }
}

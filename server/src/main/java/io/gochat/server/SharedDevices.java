package io.gochat.server;

import io.gochat.server.redis.RedisDevices;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.registry.ConnectionRegistry.Claim;
import io.gochat.server.registry.DeviceClaims;
import java.util.OptionalLong;

/** One connection per device over all nodes, the latest: puts the registry and Redis together. Thread-safe. */
final class SharedDevices implements DeviceClaims {
  private final RedisDevices devices;

  SharedDevices(RedisDevices devices) {
    this.devices = devices;
  }

  /** Begins to hear of the other nodes; once. */
  void start(ConnectionRegistry registry) {
    devices.start(new RedisDevices.Connected() {
      @Override
      public OptionalLong since(long userId, String deviceId) {
        return registry.connectedSince(userId, deviceId);
      }

      @Override
      public boolean claimed(long userId, String deviceId, long elsewhere) {
        return registry.claimed(userId, deviceId, elsewhere) == Claim.LATER_HERE;
      }

      @Override
      public void claimAll() {
        for (Connection connection : registry.all()) {
          if (!connection.deviceId().isEmpty()) {
            devices.changed(connection.userId(), connection.deviceId());
          }
        }
      }
    });
  }

  @Override
  public long now() {
    return devices.now();
  }

  @Override
  public void changed(long userId, String deviceId) {
    devices.changed(userId, deviceId);
  }
}

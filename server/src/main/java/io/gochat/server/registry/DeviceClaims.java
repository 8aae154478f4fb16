package io.gochat.server.registry;

/**
 * Where a device is connected last, over all nodes: a device has one connection, and the latest one counts. Thread-safe;
 * nothing blocks.
 */
public interface DeviceClaims {
  /** A node that is alone: its own registry is all there is to know. */
  DeviceClaims NONE = new DeviceClaims() {
    @Override
    public long now() {
      return 0;
    }

    @Override
    public void changed(long userId, String deviceId) {
      // Nobody else wants to know.
    }
  };

  /** The time by which the connections of all nodes are put in order; only to be compared. */
  long now();

  /** A connection of this device was registered here. */
  void changed(long userId, String deviceId);
}

package io.gochat.server.cluster;

import java.util.OptionalLong;

/**
 * Where a device is connected last, over all nodes: a device has one connection, and the latest one counts. Thread-safe;
 * nothing blocks.
 */
public interface DeviceClaims {
  /** A node that is alone: its own registry is all there is to know. */
  DeviceClaims NONE = new DeviceClaims() {
    @Override
    public void start(Connected here) {
      // There is nobody to tell of it.
    }

    @Override
    public long now() {
      return 0;
    }

    @Override
    public void changed(long userId, String deviceId) {
      // Nobody else wants to know.
    }
  };

  /** What is connected here. Called on any thread, by one at a time; returns quickly. */
  interface Connected {
    /** Since when the device is connected here, by {@link DeviceClaims#now}; empty: it is not. */
    OptionalLong connectedSince(long userId, String deviceId);

    /**
     * Another node has a connection of this device since {@code elsewhere}, by {@link DeviceClaims#now}: an older one here
     * is closed, a later one stays.
     *
     * @return whether its connection here is the later one
     */
    boolean claimed(long userId, String deviceId, long elsewhere);

    /** Calls {@link DeviceClaims#changed} for every device that is connected here. */
    void claimAll();
  }

  /** Starts to speak with the other nodes; once. */
  void start(Connected here);

  /** The time by which the connections of all nodes are put in order; only to be compared. */
  long now();

  /** A connection of this device was registered here. */
  void changed(long userId, String deviceId);
}

package io.gochat.server.store;

import io.gochat.server.account.AccountStore;
import io.gochat.server.cluster.DeviceClaims;
import io.gochat.server.cluster.NodePresence;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.session.SessionStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Where everything is kept, whichever store that is. Thread-safe. */
public interface Store extends AutoCloseable {
  /** Copies a store that goes on running. */
  @FunctionalInterface
  interface Copy {
    /** Blocks until it is done; {@code target} must not exist. */
    void to(Path target) throws IOException;
  }

  /** Who exists. */
  AccountStore accounts();

  /** Who is signed in. */
  SessionStore sessions();

  /** The topic logs. */
  MessageLog log();

  /** What was acknowledged. */
  PositionStore positions();

  /** What is still to be told to others; empty: this store cannot keep that. */
  default Optional<Outbox> outbox() {
    return Optional.empty();
  }

  /** Who is in which room on the other nodes that share the store. */
  default NodePresence presence() {
    return NodePresence.NONE;
  }

  /** Which connection of a device counts, over all nodes that share the store. */
  default DeviceClaims devices() {
    return DeviceClaims.NONE;
  }

  /** How to copy it while it goes on; empty: it is for others to copy. */
  default Optional<Copy> copy() {
    return Optional.empty();
  }

  /**
   * Other bounds on the disk from the next look at it on, as {@code --max-disk} (0: only the disk itself) and {@code
   * --min-free-disk}; nothing, where the disk is somebody else's.
   */
  default void boundDisk(long maxDiskBytes, long minFreeBytes) {}

  /** Whether it accepts writes now. */
  boolean isReady();

  /** Writes what was accepted and gives everything back. Blocks. */
  @Override
  void close();
}

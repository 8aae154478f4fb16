package io.gochat.server;

import io.gochat.server.account.AccountStore;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.registry.DeviceClaims;
import io.gochat.server.registry.RoomPresence;
import io.gochat.server.session.SessionStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Where everything is kept, whichever store that is. Immutable; the parts are thread-safe.
 *
 * @param accounts who exists
 * @param sessions who is signed in
 * @param log the topics
 * @param positions what was acknowledged
 * @param presence makes the presence of this node that of all nodes that share the store
 * @param devices which connection of a device counts, over all nodes that share the store
 * @param nodes starts what those nodes tell each other of their connections
 * @param copy copies it into a directory while it goes on; empty: it is for others to copy
 * @param ready whether it accepts writes now
 * @param closing writes what was accepted and gives everything back
 */
record Store(
    AccountStore accounts,
    SessionStore sessions,
    MessageLog log,
    PositionStore positions,
    UnaryOperator<RoomPresence> presence,
    DeviceClaims devices,
    Consumer<ConnectionRegistry> nodes,
    Optional<Copy> copy,
    BooleanSupplier ready,
    Runnable closing) {
  /** Copies a store that goes on running. */
  @FunctionalInterface
  interface Copy {
    /** Blocks until it is done; {@code target} must not exist. */
    void to(Path target) throws IOException;
  }
}

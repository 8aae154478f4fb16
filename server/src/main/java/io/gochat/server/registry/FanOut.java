package io.gochat.server.registry;

import io.gochat.server.messaging.Topic;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Feeds connections from topics. A connection opens a {@link Subscriber} once it is signed in and uses it on its own
 * event loop only.
 */
public interface FanOut {
  /** The fan-out's state for one connection. On the connection's loop. */
  Subscriber open(Connection connection);

  /** One connection's topics; confined to the connection's event loop. */
  interface Subscriber {
    /**
     * Delivers {@code topic} from {@code nextSeq} on, in order and without holes: first from the log, then live. A
     * topic that is already delivered starts again there. Whatever must precede its first delivery ({@code Joined},
     * {@code Welcome}, the {@code Gap} of the start) has been written before.
     *
     * @param epoch in which {@code nextSeq} counts
     */
    void attach(Topic topic, long epoch, long nextSeq);

    /** Delivers nothing of this topic from now on; without effect when it is not attached. */
    void detach(Topic topic);

    /** Whether this topic is attached. */
    boolean isAttached(Topic topic);

    /** How many rooms are attached. */
    int rooms();

    /**
     * A turn to read the log for this connection beside delivery, so that a connection has one read at a time: done once
     * no replay reads and what was read before has left. Until {@link #readOver()} no replay begins; between two turns
     * one may. Also done, without a turn, when this is closed.
     */
    CompletableFuture<Void> readTurn();

    /** The read of the last turn is over, and its answer handed to the connection with what runs now. */
    void readOver();

    /** Detaches everything, which is returned; the connection is gone. */
    List<Topic> close();
  }
}

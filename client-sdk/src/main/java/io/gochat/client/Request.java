package io.gochat.client;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ServerFrame;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A command other than a publish: safe to send again, so it simply is. Confined to the client's event loop.
 *
 * @param kind how it is treated
 * @param frame makes the command at the moment of sending, so that it tells the position of that moment
 * @param answered takes the answer; false: it is none to this command
 * @param failed told once when there will be no answer
 * @param obsolete whether nobody needs it any more
 * @param deadlineMs when to give up
 */
record Request(
    Kind kind,
    Supplier<ClientFrame.Builder> frame,
    Predicate<ServerFrame> answered,
    Consumer<ChatException> failed,
    BooleanSupplier obsolete,
    long deadlineMs) {
  /** How a request is treated. */
  enum Kind {
    /** As many at once as there are. */
    PLAIN,
    /** One at a time: beyond that the server stops reading from us, publishes included. */
    FETCH,
    /** Is answered by the end of the connection too, since with it every room is left. */
    LEAVE,
    /** A join that restores what we had: tried until it succeeds. */
    REJOIN
  }
}

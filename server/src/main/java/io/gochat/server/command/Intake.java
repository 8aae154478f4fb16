package io.gochat.server.command;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorKind;
import io.gochat.server.command.CommandConnection.State;
import io.gochat.server.failure.Failure;
import io.netty.channel.ChannelConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one connection takes in: commands, one by one, as long as it may give work; and whether its socket is read. Confined
 * to the connection's event loop.
 */
final class Intake {
  private static final Logger log = LoggerFactory.getLogger(Intake.class);

  /** Of a message that has not come whole so much is every connection's own. */
  private static final int FREE_BYTES = 4_096;

  private final CommandConnection connection;
  private final Commands commands;
  private @Nullable ClientFrame held;
  private @Nullable Unfinished unfinished;
  private boolean taking;

  Intake(CommandConnection connection, Commands commands) {
    this.connection = connection;
    this.commands = commands;
  }

  /** Takes what the peer has sent, as far as it may; then the socket is read on, or not. */
  void take() {
    if (taking) {
      return; // the loop below looks again
    }
    taking = true;
    try {
      boolean going = true;
      while (going && mayTake()) {
        going = takeNext();
      }
    } finally {
      taking = false;
    }
    boolean wanted = mayTake() && held == null && boundUnfinished();
    boolean read = connection.state() == State.DRAINING || wanted;
    ChannelConfig config = connection.channel().config();
    if (config.isAutoRead() != read) {
      config.setAutoRead(read);
    }
  }

  /** Whether the connection may give work now. */
  private boolean mayTake() {
    State state = connection.state();
    return (state == State.OPEN || state == State.AWAITING_HELLO)
        && connection.unanswered().size() < connection.loop().options.bounds().maxUnanswered()
        && connection.channel().isWritable();
  }

  private boolean takeNext() {
    ClientFrame frame = held;
    held = null;
    try {
      if (frame == null) {
        frame = connection.peer().next();
        if (frame == null) {
          return false;
        }
        finished();
        connection.meters().arrived(frame.getCommandCase());
      }
    } catch (UnreadableException e) {
      return unreadable(e);
    }
    if (commands.take(connection, frame)) {
      return true;
    }
    held = frame;
    return false;
  }

  /** What came was no command; whether the connection goes on. */
  private boolean unreadable(UnreadableException e) {
    log.debug("connection of user {}: {}", connection.userIdOrZero(), e.getMessage());
    if (e.isPassing() && connection.isOpen()) {
      connection.refuse(0, new Failure(ErrorKind.INVALID_ARGUMENT, e.detail(), 0));
      return true;
    }
    connection.protocolError(e.word());
    return false;
  }

  /**
   * A message that has begun gets room for the whole of it, so that who began may finish. False: there is none yet, so
   * nothing more is read; who has not said {@code Hello} is sent away.
   */
  private boolean boundUnfinished() {
    int bytes = connection.peer().unfinishedBytes();
    if (bytes == 0) {
      finished();
      return true;
    }
    Unfinished begun = unfinished;
    if (begun == null) {
      begun = new Unfinished(connection.waitingIn(FREE_BYTES), connection.loop().nowMs());
      unfinished = begun;
    }
    boolean fits = begun.fits(bytes);
    if (!fits && connection.state() == State.AWAITING_HELLO) {
      connection.bid(Farewell.overload());
    }
    return fits;
  }

  /** Looks after a message that has begun; false: it has not come in time. */
  boolean tick(int nowMs) {
    Unfinished begun = unfinished;
    if (begun == null) {
      return true;
    }
    if (connection.channel().config().isAutoRead()) {
      return !begun.isLate(nowMs);
    }
    if (begun.holdsRoom() && begun.isLate(nowMs)) {
      return false; // others wait for the room that it keeps
    }
    begun.excuse(nowMs);
    take(); // there may be room for it now
    return true;
  }

  /** Nothing is taken any more. */
  void close() {
    held = null;
    finished();
    connection.peer().discard();
  }

  private void finished() {
    if (unfinished != null) {
      unfinished.over();
      unfinished = null;
    }
  }
}

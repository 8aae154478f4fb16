package io.gochat.server.command;

import io.gochat.server.net.Timed;
import io.gochat.server.registry.CloseReason;

/**
 * What reaches one connection from outside: the events of its channel, as its protocol passes them on, and the ticks of its
 * loop's timer. Confined to the connection's event loop.
 */
public final class Inbound implements Timed {
  private final CommandConnection connection;
  private final Intake intake;
  private int timerSlot = -1;

  Inbound(CommandLoop loop, Peer peer, CommandMeters meters, Commands commands) {
    this.connection = new CommandConnection(loop, peer, meters, this::takeOrLetGo);
    this.intake = new Intake(connection, commands);
  }

  /** The connection that all this reaches. */
  public CommandConnection connection() {
    return connection;
  }

  // ---- the channel's events ----

  /** The channel is the protocol's from now on. */
  public void begin() {
    connection.begin();
    connection.loop().timer.register(this);
  }

  /** The channel is closed, or the protocol's no longer. Idempotent. */
  public void end() {
    connection.loop().timer.deregister(this);
    connection.end();
  }

  /** Something went wrong with the channel, which is closed. */
  public void failed(Throwable cause) {
    connection.failed(cause);
  }

  /** Bytes have come. False: nothing is taken any more, and they are dropped. */
  public boolean receives() {
    connection.output().beginRead();
    if (connection.isOpen()) {
      connection.liveness().heard();
    }
    // Read and dropped: closing with unread bytes would reset the connection under our goodbye.
    return !connection.isOver();
  }

  /** Takes what the peer has sent, as far as it may; then reads on, or not. */
  public void take() {
    intake.take();
  }

  /** All bytes that were there have come. */
  public void readComplete() {
    connection.output().endRead();
  }

  /** The channel's writability has changed. */
  public void writabilityChanged() {
    if (connection.channel().isWritable()) {
      // Never at once: this is called from within a flush, perhaps of the fan-out's sweep.
      connection.execute(connection::goOn);
    }
  }

  /** The peer has said that it leaves: what was accepted is answered, then the connection ends. */
  public void peerLeaves() {
    connection.bid(Farewell.PEER_LEFT);
  }

  /** What may be taken has changed. */
  private void takeOrLetGo() {
    if (connection.isOver()) {
      intake.close();
    } else {
      intake.take();
    }
  }

  // ---- time ----

  @Override
  public void onTick(long nowMs) {
    connection.survive(() -> tick((int) nowMs));
  }

  private void tick(int now) {
    connection.output().settle();
    boolean late = connection.liveness().isLate(now);
    switch (connection.state()) {
      case AWAITING_HELLO -> {
        if (connection.loop().draining.isStarted()) {
          connection.bid(connection.farewell(CloseReason.DRAIN));
        } else if (late) {
          connection.protocolError("hello_timeout");
        }
      }
      case SIGNING_IN -> {
        if (late) {
          // The store takes too long: the client may find another node, or a better moment.
          connection.bid(Farewell.overload());
        }
      }
      case OPEN -> tickOpen(now);
      case DRAINING -> {
        if (late) {
          connection.channel().close();
        }
      }
      case CLOSED -> {}
    }
  }

  private void tickOpen(int now) {
    Liveness liveness = connection.liveness();
    if (liveness.isStalled(connection.channel(), connection.output().isRoomScarce(), now)) {
      connection.bid(Farewell.overload());
      return;
    }
    if (!connection.channel().config().isAutoRead()) {
      liveness.heard(); // who is not read cannot be blamed for silence
    }
    if (!intake.tick(now) || liveness.isSilent(now)) {
      connection.bid(Farewell.idle());
      return;
    }
    if (liveness.isProbeDue(now)) {
      connection.peer().probe();
    }
    if (liveness.isKeepAliveDue(now)) {
      connection.loop().services.sessions().keepAlive(connection.session());
    }
  }

  @Override
  public int timerSlot() {
    return timerSlot;
  }

  @Override
  public void timerSlot(int slot) {
    timerSlot = slot;
  }
}

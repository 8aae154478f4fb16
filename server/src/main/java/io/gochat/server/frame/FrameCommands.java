package io.gochat.server.frame;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Pong;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.frame.FrameConnection.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which command goes where, and the one place where what goes wrong with it becomes an answer. Immutable. */
final class FrameCommands {
  private static final Logger log = LoggerFactory.getLogger(FrameCommands.class);

  private final HelloCommand hello;
  private final RoomCommands rooms;
  private final PublishCommand publish;
  private final AckCommand ack;
  private final FetchCommand fetch;

  FrameCommands(FrameServices services, FrameOptions options, Draining draining) {
    hello = new HelloCommand(services, options, draining);
    rooms = new RoomCommands(services, options.bounds().maxRooms());
    publish = new PublishCommand(services);
    ack = new AckCommand(services.messaging());
    fetch = new FetchCommand(services.messaging());
  }

  /** Carries a command out; false: it must wait for another of this connection and is to be offered again. */
  boolean take(FrameConnection connection, ClientFrame frame) {
    if (connection.state() == State.AWAITING_HELLO) {
      takeFirst(connection, frame);
      return true;
    }
    long requestId = frame.getRequestId();
    boolean[] taken = {true};
    guard(connection, requestId, () -> taken[0] = dispatch(connection, frame, requestId));
    return taken[0];
  }

  private void takeFirst(FrameConnection connection, ClientFrame frame) {
    if (frame.hasHello()) {
      long requestId = frame.getRequestId();
      guard(connection, requestId, () -> hello.take(connection, requestId, frame.getHello()));
    } else {
      connection.protocolError("hello_expected");
    }
  }

  private boolean dispatch(FrameConnection connection, ClientFrame frame, long requestId) {
    return switch (frame.getCommandCase()) {
      case HELLO -> {
        connection.protocolError("hello_twice");
        yield true;
      }
      case JOIN -> rooms.join(connection, requestId, frame.getJoin());
      case LEAVE -> rooms.leave(connection, requestId, frame.getLeave());
      case PUBLISH -> publish.take(connection, requestId, frame.getPublish());
      case ACK -> {
        ack.take(connection, requestId, frame.getAck());
        yield true;
      }
      case FETCH -> fetch.take(connection, requestId, frame.getFetch());
      case GET_ROOM_INFO -> {
        rooms.info(connection, requestId, frame.getGetRoomInfo());
        yield true;
      }
      case PING -> {
        // Answered whatever the request id: it is the sign of life that the client waits for.
        connection.send(ServerFrame.newBuilder()
            .setRequestId(requestId)
            .setPong(Pong.getDefaultInstance())
            .build());
        yield true;
      }
      case COMMAND_NOT_SET ->
        throw new CommandRefused(ErrorKind.UNKNOWN_COMMAND, "no command that this server knows");
    };
  }

  /** Runs a step of a command; what it throws is answered. */
  void guard(FrameConnection connection, long requestId, Runnable step) {
    try {
      step.run();
    } catch (CommandRefused e) {
      connection.refuse(requestId, e.kind(), e.detail(), 0);
    } catch (RuntimeException e) {
      failed(connection, requestId, e);
    }
  }

  private static void failed(FrameConnection connection, long requestId, RuntimeException e) {
    ErrorKind kind = FrameErrors.kindOf(e);
    if (kind == ErrorKind.INTERNAL) {
      log.error("a command of the frame channel failed", e);
    }
    connection.refuse(requestId, kind, FrameErrors.detailOf(kind), 0);
  }
}

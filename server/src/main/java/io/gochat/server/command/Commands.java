package io.gochat.server.command;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Pong;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.command.CommandConnection.State;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.messaging.Messaging;

/** Which command goes where. Immutable; thread-safe. */
final class Commands {
  private final HelloCommand hello;
  private final RoomCommands rooms;
  private final PublishCommand publish;
  private final AckCommand ack;
  private final FetchCommand fetch;

  Commands(CommandServices services, CommandOptions options, Draining draining) {
    Messaging messaging = services.messaging();
    hello = new HelloCommand(services, options, draining);
    rooms = new RoomCommands(services, options.bounds().maxRooms());
    publish = new PublishCommand(services);
    ack = new AckCommand(messaging);
    fetch = new FetchCommand(messaging);
  }

  /** Carries a command out; false: it must wait for another of this connection and is to be offered again. */
  boolean take(CommandConnection connection, ClientFrame frame) {
    if (connection.state() == State.AWAITING_HELLO) {
      takeFirst(connection, frame);
      return true;
    }
    if (mustWait(connection, frame)) {
      return false;
    }
    if (frame.hasHello()) {
      connection.protocolError("hello_twice");
      return true;
    }
    Command command = new Command(connection, frame.getRequestId());
    if (changes(frame) && !command.promiseAnswer()) {
      command.refuseForWantOfRoom();
    } else {
      command.run(() -> dispatch(command, frame));
    }
    return true;
  }

  private static boolean changes(ClientFrame frame) {
    return switch (frame.getCommandCase()) {
      case JOIN, LEAVE, PUBLISH, ACK -> true;
      case HELLO, FETCH, GET_ROOM_INFO, PING, COMMAND_NOT_SET -> false;
    };
  }

  private void takeFirst(CommandConnection connection, ClientFrame frame) {
    if (frame.hasHello()) {
      Command command = new Command(connection, frame.getRequestId());
      command.run(() -> hello.run(command, frame.getHello()));
    } else {
      connection.protocolError("hello_expected");
    }
  }

  /**
   * Joining takes time, and what follows for the same room comes after it; a connection reads the log once at a time, so
   * a Fetch waits for the one before.
   */
  private static boolean mustWait(CommandConnection connection, ClientFrame frame) {
    ConnectionTopics topics = connection.topics();
    return switch (frame.getCommandCase()) {
      case JOIN -> topics.isJoining(frame.getJoin().getRoomId());
      case LEAVE -> topics.isJoining(frame.getLeave().getRoomId());
      case PUBLISH -> topics.isJoining(frame.getPublish().getTopic().getRoomId());
      case FETCH -> connection.unanswered().isFetching();
      case HELLO, ACK, GET_ROOM_INFO, PING, COMMAND_NOT_SET -> false;
    };
  }

  private void dispatch(Command command, ClientFrame frame) {
    switch (frame.getCommandCase()) {
      case JOIN -> rooms.join(command, frame.getJoin());
      case LEAVE -> rooms.leave(command, frame.getLeave());
      case PUBLISH -> publish.run(command, frame.getPublish());
      case ACK -> ack.run(command, frame.getAck());
      case FETCH -> fetch.run(command, frame.getFetch());
      case GET_ROOM_INFO -> rooms.info(command, frame.getGetRoomInfo());
      // Always answered: it is the sign of life that the client waits for.
      case PING ->
        command.answerAlways(ServerFrame.newBuilder().setPong(Pong.getDefaultInstance()));
      case HELLO, COMMAND_NOT_SET ->
        throw new RefusedException(ErrorKind.UNKNOWN_COMMAND, "no command that this server knows");
    }
  }
}

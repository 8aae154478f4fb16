package io.gochat.server.command;

import io.gochat.protocol.Ack;
import io.gochat.protocol.Done;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.failure.Failure;
import io.gochat.server.messaging.AckResult;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Topic;

/** Acknowledging the inbox. Immutable. */
final class AckCommand {
  private final Messaging messaging;

  AckCommand(Messaging messaging) {
    this.messaging = messaging;
  }

  void run(Command command, Ack ack) {
    CommandConnection connection = command.connection();
    Topic topic = Arguments.ownTopic(ack.getTopic(), connection.userId());
    if (!topic.isInbox()) {
      throw Arguments.invalid("topic: only an inbox is acknowledged");
    }
    long seq = Arguments.id("seq", ack.getSeq());
    long epoch = Arguments.idOrAbsent("epoch", ack.getEpoch());
    command.after(
        messaging.acknowledge(connection.userId(), connection.deviceId(), epoch, seq),
        result -> answer(command, result));
  }

  private static void answer(Command command, AckResult result) {
    if (result instanceof AckResult.Refused refused) {
      command.refuse(new Failure(refused.kind(), refused.detail(), 0));
    } else {
      command.answer(ServerFrame.newBuilder().setDone(Done.getDefaultInstance()));
    }
  }
}

package io.gochat.server.frame;

import io.gochat.protocol.Ack;
import io.gochat.protocol.Done;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.messaging.AckResult;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Topic;

/** Acknowledging the inbox. Immutable. */
final class AckCommand {
  private final Messaging messaging;

  AckCommand(Messaging messaging) {
    this.messaging = messaging;
  }

  void take(FrameConnection connection, long requestId, Ack ack) {
    Topic topic = WireTopics.ownTopic(ack.getTopic(), connection.userId());
    if (!topic.isInbox()) {
      throw new CommandRefused(ErrorKind.INVALID_ARGUMENT, "topic: only an inbox is acknowledged");
    }
    long seq = WireTopics.id("seq", ack.getSeq());
    long epoch = WireTopics.idOrAbsent("epoch", ack.getEpoch());
    connection.await(
        messaging.acknowledge(connection.userId(), connection.deviceId(), epoch, seq),
        requestId,
        result -> answer(connection, requestId, result));
  }

  private static void answer(FrameConnection connection, long requestId, AckResult result) {
    if (result instanceof AckResult.Refused refused) {
      throw new CommandRefused(refused.kind(), refused.detail());
    }
    connection.answer(requestId, ServerFrame.newBuilder().setDone(Done.getDefaultInstance()));
  }
}

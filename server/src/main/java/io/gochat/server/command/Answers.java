package io.gochat.server.command;

import io.gochat.protocol.Error;
import io.gochat.protocol.Gap;
import io.gochat.protocol.History;
import io.gochat.protocol.Member;
import io.gochat.protocol.Presence;
import io.gochat.protocol.Resumed;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.HistoryPayload;
import io.gochat.server.failure.Failure;
import io.gochat.server.messaging.DeliveryStart;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import java.util.List;

/** What several commands, or several formats, say in the same words. Stateless. */
public final class Answers {
  private Answers() {}

  /** The command was not carried out, and the connection goes on. */
  static ServerFrame error(long requestId, Failure failure) {
    return ServerFrame.newBuilder()
        .setRequestId(requestId)
        .setError(Error.newBuilder()
            .setCode(failure.kind().frameCode())
            .setMessage(failure.detail())
            .setRetryAfterMs(failure.retryAfterMs()))
        .build();
  }

  /** Where delivery of the topic starts. */
  static Resumed resumed(Topic topic, DeliveryStart start) {
    return Resumed.newBuilder()
        .setTopic(topic(topic))
        .setEpoch(start.state().epoch())
        .setSeq(start.state().lastSeq())
        .setRecovered(start.recovered())
        .setNextSeq(start.nextSeq())
        .build();
  }

  /** {@code [fromSeq, toSeq]} cannot be delivered any more. */
  public static ServerFrame gap(Topic topic, long fromSeq, long toSeq, long epoch) {
    return ServerFrame.newBuilder()
        .setGap(Gap.newBuilder()
            .setTopic(topic(topic))
            .setFromSeq(fromSeq)
            .setToSeq(toSeq)
            .setEpoch(epoch))
        .build();
  }

  /** A coalesced change of a room's members. */
  public static ServerFrame presence(
      long roomId, int count, List<Member> joined, List<Member> left) {
    return ServerFrame.newBuilder()
        .setPresence(Presence.newBuilder()
            .setRoomId(roomId)
            .setCount(count)
            .addAllJoined(joined)
            .addAllLeft(left))
        .build();
  }

  /** The answer to a {@code Fetch}, for formats of protobuf. */
  public static HistoryPayload history(long requestId, LogSlice slice) {
    return new HistoryPayload(
        requestId,
        slice.messages().stream().map(LoggedMessage::bytes).toList(),
        History.newBuilder()
            .setLastSeq(slice.lastSeq())
            .setFirstSeq(slice.firstSeq())
            .setEpoch(slice.epoch())
            .build());
  }

  private static io.gochat.protocol.Topic topic(Topic topic) {
    io.gochat.protocol.Topic.Builder builder = io.gochat.protocol.Topic.newBuilder();
    return topic.isInbox()
        ? builder.setUserId(topic.id()).build()
        : builder.setRoomId(topic.id()).build();
  }
}

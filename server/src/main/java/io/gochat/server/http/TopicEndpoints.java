package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Message;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.messaging.AckResult;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.RoomPresence;
import io.gochat.server.session.Session;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Reading rooms and inboxes. Thread-safe. */
final class TopicEndpoints {
  private static final int MAX_PAGE_BYTES = 262_144;
  private static final String ANONYMOUS_DEVICE = "";

  private final Messaging messaging;
  private final RoomPresence presence;

  TopicEndpoints(Messaging messaging, RoomPresence presence) {
    this.messaging = messaging;
    this.presence = presence;
  }

  /** How many users are in a room. */
  Reply count(RequestFields fields) {
    return Reply.json(AnswerJson.count(presence.room(roomId(fields), 0)));
  }

  /** Who is in a room. */
  Reply roomInfo(RequestFields fields, Call call) {
    long roomId = roomId(fields);
    RoomPresence.Room room = presence.room(roomId, Limits.MAX_LISTED_MEMBERS);
    return call.reserve(JsonSize.ofRoomInfo(room))
        ? Reply.json(AnswerJson.roomInfo(roomId, room))
        : HttpErrors.overloaded(Endpoint.ROOM_INFO);
  }

  /** A page of a room's log, or of the caller's own inbox. */
  CompletableFuture<Reply> history(Session session, RequestFields fields, Call call) {
    boolean isInbox = fields.flag(Field.INBOX);
    if (isInbox == (fields.number(Field.ROOM_ID) != 0)) {
      throw refused("room_id, inbox: exactly one of them");
    }
    Topic topic = isInbox ? Topic.inbox(session.userId()) : Topic.room(roomId(fields));
    long afterSeq = fields.number(Field.AFTER_SEQ);
    long limit = fields.has(Field.LIMIT) ? fields.number(Field.LIMIT) : Limits.MAX_FETCH;
    if (limit < 1 || limit > Limits.MAX_FETCH) {
      throw refused("limit: not in 1 to " + Limits.MAX_FETCH);
    }
    // The page is written where the store completes, which is not an event loop.
    return messaging
        .history(topic, afterSeq, (int) limit, MAX_PAGE_BYTES)
        .thenApply(slice -> history(slice, call));
  }

  private static Reply history(LogSlice slice, Call call) {
    List<Message> messages = AnswerJson.parsed(slice);
    long bytes = JsonSize.ofHistory(messages);
    return call.reserve(bytes)
        ? Reply.json(AnswerJson.history(slice, messages, (int) bytes))
        : HttpErrors.overloaded(Endpoint.HISTORY);
  }

  /** Acknowledges the caller's inbox, as the anonymous device. */
  CompletableFuture<Reply> acknowledge(Session session, RequestFields fields) {
    long seq = fields.number(Field.SEQ);
    if (seq == 0) {
      throw refused("seq: must be more than 0");
    }
    return messaging.acknowledge(session.userId(), ANONYMOUS_DEVICE, 0, seq).thenApply(result -> {
      if (result instanceof AckResult.Refused refused) {
        return HttpErrors.reply(Endpoint.ACK, refused.kind(), refused.detail(), 0);
      }
      return Reply.DONE;
    });
  }

  private static long roomId(RequestFields fields) {
    long roomId = fields.number(Field.ROOM_ID);
    if (roomId == 0) {
      throw refused("room_id: must be more than 0");
    }
    return roomId;
  }

  private static RefusedException refused(String detail) {
    return new RefusedException(ErrorKind.INVALID_ARGUMENT, detail);
  }
}

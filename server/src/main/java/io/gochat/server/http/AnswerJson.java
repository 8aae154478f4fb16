package io.gochat.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.Member;
import io.gochat.protocol.Message;
import io.gochat.server.json.MessageFields;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.registry.RoomPresence.Room;
import io.gochat.server.session.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the bodies of answers, fields in the contract's order. Stateless. */
final class AnswerJson {
  private static final JsonFactory FACTORY = JsonFactory.builder()
      .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
      .build();

  private AnswerJson() {}

  /** Every failure. */
  static String error(String sentence) {
    return "{\"code\":400,\"error\":\"" + quoted(sentence) + "\"}";
  }

  /** A login. */
  static byte[] loggedIn(long userId, String username, String token) {
    return utf8("{\"code\":200,\"user_id\":" + userId + ",\"username\":\"" + quoted(username)
        + "\",\"token\":\"" + quoted(token) + "\"}");
  }

  /** Where somebody is signed in; {@code current} is the id of the session that asks. */
  static byte[] sessions(List<Session> sessions, String current) {
    return write(256, json -> {
      json.writeArrayFieldStart("sessions");
      for (Session session : sessions) {
        json.writeStartObject();
        json.writeStringField("session_id", session.id());
        json.writeNumberField("opened_at_ms", session.openedAtMs());
        json.writeNumberField("expires_at_ms", session.expiresAtMs());
        json.writeBooleanField("current", session.id().equals(current));
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  /** An idempotent publish. */
  static byte[] published(PublishResult.Accepted accepted) {
    return utf8("{\"code\":200,\"message_id\":" + accepted.messageId() + ",\"seq\":"
        + accepted.seq() + ",\"duplicate\":" + accepted.duplicate() + "}");
  }

  /** How many users are in a room. */
  static byte[] count(Room room) {
    return utf8("{\"code\":200,\"count\":" + room.count() + "}");
  }

  /** Who is in a room. */
  static byte[] roomInfo(long roomId, Room room) {
    return write((int) JsonSize.ofRoomInfo(room), json -> {
      json.writeNumberField("room_id", roomId);
      json.writeNumberField("count", room.count());
      json.writeObjectFieldStart("user_info");
      for (Member member : room.members()) {
        json.writeStringField(Long.toString(member.getUserId()), member.getUsername());
      }
      json.writeEndObject();
    });
  }

  /** A page of a topic's log, which takes about {@code sizeHint} bytes. */
  static byte[] history(LogSlice slice, List<Message> messages, int sizeHint) {
    return write(sizeHint, json -> {
      json.writeArrayFieldStart("messages");
      for (Message message : messages) {
        writeMessage(json, message);
      }
      json.writeEndArray();
      json.writeNumberField("first_seq", slice.firstSeq());
      json.writeNumberField("last_seq", slice.lastSeq());
      json.writeNumberField("epoch", slice.epoch());
    });
  }

  /** The messages of a page. */
  static List<Message> parsed(LogSlice slice) {
    return slice.messages().stream().map(AnswerJson::parse).toList();
  }

  private static void writeMessage(JsonGenerator json, Message message) throws IOException {
    json.writeStartObject();
    MessageFields.write(json, message);
    json.writeEndObject();
  }

  private static Message parse(LoggedMessage logged) {
    try {
      return Message.parseFrom(logged.bytes());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the log holds an unreadable " + logged, e);
    }
  }

  /** An object: the business code of success, and these fields. */
  static byte[] write(Fields fields) {
    return write(256, fields);
  }

  private static byte[] write(int sizeHint, Fields fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(sizeHint);
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("code", 200);
      fields.writeTo(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array does not fail
    }
    return out.toByteArray();
  }

  private static String quoted(String text) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(text));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Writes fields into the object that is open. */
  interface Fields {
    void writeTo(JsonGenerator json) throws IOException;
  }
}

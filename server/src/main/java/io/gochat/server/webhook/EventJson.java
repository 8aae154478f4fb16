package io.gochat.server.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.Message;
import io.gochat.server.json.MessageFields;
import io.gochat.server.messaging.OutboxRecord;
import io.gochat.server.messaging.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;

/** Writes events. Stateless. */
final class EventJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private EventJson() {}

  /** The message of a record, which we wrote. */
  static Message message(OutboxRecord record) {
    try {
      return Message.parseFrom(record.message());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a recorded message does not parse", e);
    }
  }

  /** {@code data} as in {@code /push/history}, and the epoch. */
  static Event of(EventType type, OutboxRecord record) {
    Message message = message(record);
    byte[] body = write(type, message.getCreatedAtMs(), json -> {
      MessageFields.write(json, message);
      json.writeNumberField("epoch", record.epoch());
    });
    return new Event(type.idPrefix() + message.getMessageId(), body);
  }

  /** Where the messages that were dropped are still in the log, they can be read there. */
  static Event of(Topic topic, Gap gap, EventType of, long nowMs) {
    byte[] body = write(EventType.GAP, nowMs, json -> {
      json.writeNumberField("room_id", topic.isInbox() ? 0 : topic.id());
      json.writeNumberField("to_user_id", topic.isInbox() ? topic.id() : 0);
      json.writeNumberField("from_seq", gap.fromSeq());
      json.writeNumberField("to_seq", gap.toSeq());
      json.writeNumberField("epoch", gap.epoch());
      json.writeStringField("of", of.word());
    });
    String id = EventType.GAP.idPrefix() + of.idPrefix() + (topic.isInbox() ? "u" : "r")
        + topic.id() + "_" + gap.epoch() + "_" + gap.fromSeq() + "_" + gap.toSeq();
    return new Event(id, body);
  }

  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private static byte[] write(EventType type, long atMs, Fields fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("type", type.word());
      json.writeStringField("timestamp", Instant.ofEpochMilli(atMs).toString());
      json.writeObjectFieldStart("data");
      fields.write(json);
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}

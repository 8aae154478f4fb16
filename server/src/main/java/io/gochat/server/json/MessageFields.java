package io.gochat.server.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.gochat.protocol.Message;
import java.io.IOException;

/** A message as HTTP tells it: in {@code /push/history}, and to webhooks. Stateless. */
public final class MessageFields {
  private MessageFields() {}

  /** Writes its fields into the object that was begun. */
  public static void write(JsonGenerator json, Message message) throws IOException {
    json.writeNumberField("message_id", message.getMessageId());
    json.writeNumberField("seq", message.getSeq());
    json.writeStringField("msg", message.getText());
    json.writeNumberField("to_user_id", message.getToUserId());
    json.writeStringField("to_user_name", message.getToUserName());
    json.writeNumberField("from_user_id", message.getFromUserId());
    json.writeStringField("from_user_name", message.getFromUserName());
    json.writeNumberField("room_id", message.getTopic().getRoomId());
    json.writeNumberField("created_at_ms", message.getCreatedAtMs());
  }
}

package io.gochat.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.gochat.protocol.Member;
import io.gochat.server.account.Account;
import io.gochat.server.admin.Administration.RoomView;
import io.gochat.server.admin.ConnectionView;
import io.gochat.server.admin.Listing;
import io.gochat.server.admin.NodeView;
import io.gochat.server.admin.Outcome;
import io.gochat.server.admin.Recipient;
import io.gochat.server.identity.ApiKeys;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.session.Session;
import io.gochat.server.webhook.DeadLetterView;
import io.gochat.server.webhook.EndpointView;
import io.gochat.server.webhook.Resent;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes the answers of the admin API, which no script of another origin may read. Stateless. */
final class AdminJson {
  /** Where there is nothing to tell. */
  static final Reply DONE = Reply.privateJson(AnswerJson.write(json -> {}));

  private AdminJson() {}

  static Reply user(Account account) {
    return reply(json -> {
      json.writeObjectFieldStart("user");
      json.writeNumberField("user_id", account.userId());
      json.writeStringField("username", account.username());
      json.writeStringField("status", account.status().name().toLowerCase(Locale.ROOT));
      json.writeStringField("kind", kind(account));
      Account.Origin origin = account.origin();
      if (origin != null) {
        json.writeStringField("issuer", origin.issuer());
        json.writeStringField("subject", origin.subject());
      }
      json.writeEndObject();
    });
  }

  private static String kind(Account account) {
    Account.Origin origin = account.origin();
    if (origin == null) {
      return account.hasPassword() ? "password" : "none";
    }
    return origin.issuer().equals(ApiKeys.ISSUER) ? "service" : "external";
  }

  static Reply outcomes(List<Outcome> outcomes) {
    return reply(json -> {
      json.writeArrayFieldStart("results");
      for (Outcome outcome : outcomes) {
        json.writeStartObject();
        writeRecipient(json, outcome.recipient());
        writeResult(json, outcome.result());
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  private static void writeRecipient(JsonGenerator json, Recipient recipient) throws IOException {
    if (recipient instanceof Recipient.UserId user) {
      json.writeNumberField("to_user_id", user.id());
    } else if (recipient instanceof Recipient.UserName user) {
      json.writeStringField("to_user_name", user.name());
    } else {
      json.writeNumberField("room_id", ((Recipient.Room) recipient).id());
    }
  }

  private static void writeResult(JsonGenerator json, PublishResult result) throws IOException {
    if (result instanceof PublishResult.Accepted accepted) {
      json.writeNumberField("code", 200);
      json.writeNumberField("message_id", accepted.messageId());
      json.writeNumberField("seq", accepted.seq());
      json.writeBooleanField("duplicate", accepted.duplicate());
    } else {
      PublishResult.Refused refused = (PublishResult.Refused) result;
      json.writeNumberField("code", 400);
      json.writeStringField("error_code", refused.kind().word());
      json.writeStringField("error", refused.detail());
      json.writeNumberField("retry_after_ms", refused.retryAfterMs());
    }
  }

  static Reply sessions(Listing<Session> page) {
    return reply(json -> {
      json.writeArrayFieldStart("sessions");
      for (Session session : page.items()) {
        json.writeStartObject();
        json.writeStringField("session_id", session.id());
        json.writeNumberField("opened_at_ms", session.openedAtMs());
        json.writeNumberField("expires_at_ms", session.expiresAtMs());
        json.writeEndObject();
      }
      json.writeEndArray();
      writeCursor(json, page);
    });
  }

  static Reply connections(Listing<ConnectionView> page) {
    return reply(json -> {
      json.writeArrayFieldStart("connections");
      for (ConnectionView connection : page.items()) {
        json.writeStartObject();
        json.writeStringField("connection_id", connection.id());
        json.writeNumberField("user_id", connection.userId());
        json.writeStringField("username", connection.username());
        json.writeStringField("device_id", connection.deviceId());
        json.writeStringField("session_id", connection.sessionId());
        json.writeStringField("address", connection.address());
        json.writeEndObject();
      }
      json.writeEndArray();
      writeCursor(json, page);
    });
  }

  private static void writeCursor(JsonGenerator json, Listing<?> page) throws IOException {
    if (page.next().isPresent()) {
      json.writeStringField("cursor", page.next().get());
    }
  }

  static Reply room(RoomView room) {
    return reply(json -> {
      json.writeNumberField("room_id", room.roomId());
      json.writeNumberField("first_seq", room.log().firstSeq());
      json.writeNumberField("last_seq", room.log().lastSeq());
      json.writeNumberField("epoch", room.log().epoch());
      json.writeNumberField("count", room.presence().count());
      json.writeArrayFieldStart("members");
      for (Member member : room.presence().members()) {
        json.writeStartObject();
        json.writeNumberField("user_id", member.getUserId());
        json.writeStringField("username", member.getUsername());
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  static Reply webhooks(List<EndpointView> endpoints) {
    return reply(json -> {
      json.writeArrayFieldStart("webhooks");
      for (EndpointView endpoint : endpoints) {
        json.writeStartObject();
        json.writeStringField("name", endpoint.name());
        json.writeStringField("url", endpoint.url());
        json.writeStringField("state", endpoint.state());
        json.writeNumberField("backlog_bytes", endpoint.backlogBytes());
        json.writeNumberField("oldest_ms", endpoint.oldestMs());
        json.writeNumberField("dead_letters", endpoint.deadLetters());
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  static Reply deadLetters(Listing<DeadLetterView> page) {
    return reply(json -> {
      json.writeArrayFieldStart("dead_letters");
      for (DeadLetterView letter : page.items()) {
        json.writeStartObject();
        json.writeStringField("id", letter.id());
        json.writeStringField("type", letter.type());
        json.writeStringField("topic", letter.topic());
        json.writeNumberField("tries", letter.tries());
        json.writeNumberField("died_at_ms", letter.diedAtMs());
        json.writeStringField("reason", letter.reason());
        json.writeEndObject();
      }
      json.writeEndArray();
      writeCursor(json, page);
    });
  }

  static Reply resent(Resent resent) {
    return reply(json -> {
      json.writeNumberField("sent", resent.sent());
      json.writeStringField("failure", resent.failure());
    });
  }

  static Reply node(NodeView node) {
    return reply(json -> {
      json.writeStringField("node", node.node());
      json.writeStringField("version", node.version());
      json.writeNumberField("uptime_ms", node.uptimeMs());
      json.writeObjectFieldStart("settings");
      for (Map.Entry<String, String> setting : new TreeMap<>(node.settings()).entrySet()) {
        json.writeStringField(setting.getKey(), setting.getValue());
      }
      json.writeEndObject();
      json.writeObjectFieldStart("figures");
      for (Map.Entry<String, Long> figure : new TreeMap<>(node.figures()).entrySet()) {
        json.writeNumberField(figure.getKey(), figure.getValue());
      }
      json.writeEndObject();
    });
  }

  static Reply backup(String name) {
    return reply(json -> json.writeStringField("backup", name));
  }

  private static Reply reply(AnswerJson.Fields fields) {
    return Reply.privateJson(AnswerJson.write(fields));
  }
}

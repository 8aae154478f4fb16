package io.gochat.server.webhook;

import java.util.Optional;
import java.util.stream.Stream;

/** What an endpoint can be told. */
public enum EventType {
  /** A message is in the log. */
  MESSAGE_PUBLISHED("message.published", "msg_"),
  /** A message in an inbox was not acknowledged, and its owner was not connected, for a while. */
  INBOX_UNDELIVERED("inbox.undelivered", "und_"),
  /** Events were dropped, because too many waited. */
  GAP("gap", "gap_");

  private final String word;
  private final String idPrefix;

  EventType(String word, String idPrefix) {
    this.word = word;
    this.idPrefix = idPrefix;
  }

  /** As it stands in {@code type}. */
  public String word() {
    return word;
  }

  /** In front of what tells an event from others of its type. */
  String idPrefix() {
    return idPrefix;
  }

  /** As the outbox names the events of this type that an endpoint is told. */
  String subscription(String endpoint) {
    return endpoint + "/" + word;
  }

  /** The type of this word. */
  static Optional<EventType> of(String word) {
    return Stream.of(values()).filter(type -> type.word.equals(word)).findFirst();
  }
}

package io.gochat.client;

import io.gochat.protocol.Limits;
import org.jspecify.annotations.Nullable;

/** What can be said about a publish without asking the server. Stateless. */
final class PublishRules {
  private PublishRules() {}

  /** Null: nothing is wrong. How long a text may be only the server knows. */
  static @Nullable String objection(
      @Nullable Recipient to, @Nullable String text, String clientMessageId) {
    if (to == null || text == null) {
      return (to == null ? "the recipient" : "the text") + " is null";
    }
    if (to.topic() == null && to.username().isEmpty()) {
      return "the recipient has no name";
    }
    if (hasLoneSurrogate(to.username())) {
      return "a lone surrogate is no text";
    }
    if (text.isEmpty()) {
      return "the text is empty";
    }
    if (hasLoneSurrogate(text) || hasLoneSurrogate(clientMessageId)) {
      return "a lone surrogate is no text";
    }
    int length = clientMessageId.codePointCount(0, clientMessageId.length());
    if (length < 1 || length > Limits.MAX_CLIENT_MESSAGE_ID_CHARS) {
      return "a client_message_id has 1 to 64 characters";
    }
    return null;
  }

  private static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return true;
      }
    }
    return false;
  }
}

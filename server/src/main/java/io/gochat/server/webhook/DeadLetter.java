package io.gochat.server.webhook;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * An event that could not be delivered. Immutable by agreement.
 *
 * @param event what would have been told
 * @param type of it
 * @param topic of it, for people
 * @param tries how often it was tried
 * @param diedAtMs when it was given up; Unix time in milliseconds
 * @param reason why the last try failed
 */
record DeadLetter(
    Event event, EventType type, String topic, int tries, long diedAtMs, String reason) {
  private static final byte FORMAT = 1;
  private static final int MAX_REASON = 200;

  byte[] encode() {
    byte[][] texts = {
      bytes(type.word()),
      bytes(event.id()),
      bytes(topic),
      bytes(reason.substring(0, Math.min(MAX_REASON, reason.length())))
    };
    int size = 1 + Integer.BYTES + Long.BYTES + 4 * Integer.BYTES + event.body().length;
    for (byte[] text : texts) {
      size += text.length;
    }
    ByteBuffer out = ByteBuffer.allocate(size).put(FORMAT).putInt(tries).putLong(diedAtMs);
    for (byte[] text : texts) {
      out.putInt(text.length).put(text);
    }
    return out.put(event.body()).array();
  }

  static DeadLetter decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    if (in.get() != FORMAT) {
      throw new IllegalArgumentException("a dead letter has an unknown format");
    }
    int tries = in.getInt();
    long diedAtMs = in.getLong();
    EventType type = EventType.of(text(in))
        .orElseThrow(() -> new IllegalArgumentException("a dead letter of an unknown type"));
    String id = text(in);
    String topic = text(in);
    String reason = text(in);
    byte[] body = new byte[in.remaining()];
    in.get(body);
    return new DeadLetter(new Event(id, body), type, topic, tries, diedAtMs, reason);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ByteBuffer in) {
    byte[] bytes = new byte[in.getInt()];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}

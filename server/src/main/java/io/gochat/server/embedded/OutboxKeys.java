package io.gochat.server.embedded;

import io.gochat.server.messaging.Outbox.Table;
import io.gochat.server.messaging.OutboxRecord;
import io.gochat.server.messaging.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What {@link Family#WEBHOOKS} holds; the first byte of a key tells. Stateless.
 *
 * <ul>
 *   <li>0: the position behind the newest record
 *   <li>1, name: where that name begins
 *   <li>2, topic, position: a record, which is its format, the epoch and the serialized message
 *   <li>3 and up, key: a row of a table
 * </ul>
 */
final class OutboxKeys {
  static final byte[] END = {0};
  private static final byte BEGIN = 1;
  private static final byte RECORD = 2;
  private static final byte FORMAT = 1;
  private static final int TOPIC_AT = 1;
  static final int RECORD_BYTES = 1 + Keys.TOPIC_BYTES + Long.BYTES;
  static final int HEADER_BYTES = 1 + Long.BYTES;

  private OutboxKeys() {}

  static byte[] begin(String name) {
    return key(BEGIN, name);
  }

  static byte[] row(Table table, String key) {
    return key(tag(table), key);
  }

  static byte[] behind(Table table) {
    return new byte[] {(byte) (tag(table) + 1)};
  }

  static String rowKey(byte[] key) {
    return new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
  }

  private static byte tag(Table table) {
    return switch (table) {
      case ENDPOINT -> 3;
      case LANE -> 4;
      case DEAD -> 5;
    };
  }

  private static byte[] key(byte tag, String text) {
    byte[] bytes = Keys.text(text);
    return ByteBuffer.allocate(1 + bytes.length).put(tag).put(bytes).array();
  }

  static void putRecord(ByteBuffer target, Topic topic, long position) {
    target.put(RECORD);
    Keys.putTopic(target, topic);
    target.putLong(position);
  }

  static byte[] record(Topic topic, long position) {
    ByteBuffer key = ByteBuffer.allocate(RECORD_BYTES);
    putRecord(key, topic, position);
    return key.array();
  }

  /** In front of all records. */
  static byte[] firstRecord() {
    return new byte[] {RECORD};
  }

  /** Behind all records. */
  static byte[] behindRecords() {
    return new byte[] {RECORD + 1};
  }

  /** Behind all records of a topic. */
  static byte[] behind(Topic topic) {
    return record(topic, -1); // as unsigned, the largest
  }

  static Topic topic(byte[] recordKey) {
    return Keys.toTopic(Arrays.copyOfRange(recordKey, TOPIC_AT, TOPIC_AT + Keys.TOPIC_BYTES));
  }

  static long position(byte[] recordKey) {
    return ByteBuffer.wrap(recordKey).getLong(TOPIC_AT + Keys.TOPIC_BYTES);
  }

  /** The position that a row of the family speaks of; 0: none. */
  static long positionIn(byte[] key, byte[] value) {
    return switch (key[0]) {
      case RECORD -> position(key);
      case 0, BEGIN -> Keys.toLong(value);
      default -> 0;
    };
  }

  static void putHeader(ByteBuffer target, long epoch) {
    target.put(FORMAT).putLong(epoch);
  }

  static OutboxRecord decode(byte[] key, byte[] value) throws IOException {
    if (value.length < HEADER_BYTES || value[0] != FORMAT) {
      throw new IOException("a record of the outbox has an unknown format");
    }
    return new OutboxRecord(
        topic(key),
        position(key),
        ByteBuffer.wrap(value).getLong(1),
        Arrays.copyOfRange(value, HEADER_BYTES, value.length));
  }
}

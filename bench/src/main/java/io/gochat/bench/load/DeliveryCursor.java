package io.gochat.bench.load;

/**
 * Reads the few fields of a delivery that a load test looks at, without an object per message. Confined to one event
 * loop; its fields hold the last delivery read.
 */
final class DeliveryCursor {
  private static final int DELIVERY_TAG = 6 << 3 | 2;
  private static final int TOPIC_TAG = 2 << 3 | 2;
  private static final int SEQ_TAG = 3 << 3;
  private static final int TEXT_TAG = 7 << 3 | 2;
  private static final int ROOM_TAG = 1 << 3;
  private static final int USER_TAG = 2 << 3;

  /** The room; 0: it is for an inbox. */
  long roomId;

  /** The inbox's owner; 0: it is for a room. */
  long userId;

  /** Its sequence. */
  long seq;

  /** Where its text starts. */
  int textAt;

  /** The bytes of its text. */
  int textLength;

  private byte[] bytes = {};
  private int at;

  /** Whether {@code bytes[from, to)} is a delivery; its fields are set then. */
  boolean read(byte[] payload, int from, int to) {
    if (payload[from] != DELIVERY_TAG) {
      return false;
    }
    bytes = payload;
    at = from + 1;
    long length = varint();
    if (length != to - at) {
      // Something follows the delivery, or it is cut off: not the fast form.
      return false;
    }
    roomId = 0;
    userId = 0;
    seq = 0;
    textLength = 0;
    while (at < to) {
      field((int) varint());
    }
    return true;
  }

  private void field(int tag) {
    switch (tag) {
      case TOPIC_TAG -> topic();
      case SEQ_TAG -> seq = varint();
      case TEXT_TAG -> {
        textLength = (int) varint();
        textAt = at;
        at += textLength;
      }
      default -> skip(tag);
    }
  }

  private void topic() {
    int length = (int) varint();
    int end = at + length;
    while (at < end) {
      int tag = (int) varint();
      switch (tag) {
        case ROOM_TAG -> roomId = varint();
        case USER_TAG -> userId = varint();
        default -> skip(tag);
      }
    }
  }

  private void skip(int tag) {
    switch (tag & 7) {
      case 0 -> varint();
      case 1 -> at += 8;
      case 2 -> {
        int length = (int) varint();
        at += length;
      }
      case 5 -> at += 4;
      default -> throw new IllegalStateException("not a protobuf field: tag " + tag);
    }
  }

  private long varint() {
    byte first = bytes[at++];
    if (first >= 0) {
      return first;
    }
    long value = first & 0x7f;
    for (int shift = 7; shift < 64; shift += 7) {
      byte next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalStateException("a varint of more than ten bytes");
  }
}

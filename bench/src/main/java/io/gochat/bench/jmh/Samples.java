package io.gochat.bench.jmh;

import io.gochat.protocol.Message;
import io.gochat.protocol.Topic;

/** The message that the benchmarks send around. Stateless. */
final class Samples {
  static final long ROOM = 7;

  private Samples() {}

  /** A room message with a text of {@code textBytes} bytes. */
  static Message message(int textBytes) {
    return Message.newBuilder()
        .setMessageId(123_456_789L)
        .setTopic(Topic.newBuilder().setRoomId(ROOM))
        .setSeq(98_765L)
        .setFromUserId(4_242L)
        .setFromUserName("somebody")
        .setText("x".repeat(textBytes))
        .setCreatedAtMs(1_770_000_000_000L)
        .build();
  }
}

package io.gochat.server.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Member;
import io.gochat.protocol.Message;
import io.gochat.protocol.Pong;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.server.command.AnswerFormat.Encoded;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the server says in JSON, and that it knows beforehand how long that is. */
class JsonFormatTest {
  private static final JsonFormat FORMAT = JsonFormat.INSTANCE;

  private static Message message(long seq, String text) {
    return Message.newBuilder()
        .setMessageId(Limits.MAX_ID)
        .setTopic(Topic.newBuilder().setRoomId(7))
        .setSeq(seq)
        .setFromUserId(42)
        .setFromUserName("al\"ice")
        .setText(text)
        .setCreatedAtMs(1_700_000_000_000L)
        .build();
  }

  private static LoggedMessage logged(Message message) {
    return new LoggedMessage(message.getSeq(), message.getMessageId(), message.toByteArray());
  }

  /** The payload; its header and the size that was told must agree. */
  private static String payload(ByteBuf out, int toldSize) {
    assertThat(out.readableBytes()).isEqualTo(toldSize);
    assertThat(out.readUnsignedByte()).isEqualTo((short) (0x80 | Opcode.TEXT));
    int length = out.readUnsignedByte();
    long real = length == 127 ? out.readLong() : length == 126 ? out.readUnsignedShort() : length;
    assertThat(out.readableBytes()).isEqualTo((int) real);
    return out.toString(UTF_8);
  }

  private static String delivered(Message message) {
    ByteBuf out = Unpooled.buffer();
    FORMAT.writeMessage(logged(message), out);
    return payload(out, FORMAT.messageSize(logged(message)));
  }

  private static String said(ServerFrame.Builder frame) {
    ByteBuf out = Unpooled.buffer();
    FORMAT.write(frame.build(), out);
    return payload(out, FORMAT.size(frame.build()));
  }

  @Test
  void a_delivery_is_written_from_the_bytes_of_the_log() {
    String json = delivered(message(3, "hi ☺"));

    assertThat(json)
        .isEqualTo("{\"delivery\":{\"message_id\":9007199254740991,\"topic\":{\"room_id\":7},"
            + "\"seq\":3,\"from_user_id\":42,\"from_user_name\":\"al\\\"ice\",\"text\":\"hi ☺\","
            + "\"created_at_ms\":1700000000000}}");
  }

  @Test
  void a_delivery_and_the_same_message_in_another_answer_look_alike() {
    Message direct = message(3, "x").toBuilder()
        .setTopic(Topic.newBuilder().setUserId(43))
        .setToUserName("bob")
        .setToUserId(43)
        .build();

    assertThat(delivered(direct)).isEqualTo(said(ServerFrame.newBuilder().setDelivery(direct)));
  }

  @Test
  void every_character_that_json_forbids_is_escaped() {
    StringBuilder all = new StringBuilder();
    for (char c = 0; c < 0x20; c++) {
      all.append(c);
    }
    String json = delivered(message(1, all + "\"\\/\u007f\u2028\uD83D\uDE00"));

    assertThat(json)
        .contains("\"text\":\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n"
            + "\\u000b\\f\\r\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017"
            + "\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f\\\"\\\\/\u007f\u2028"
            + "\uD83D\uDE00\"");
  }

  @Test
  void lengths_of_every_kind_of_header_are_told_exactly() {
    for (int length : new int[] {1, 10, 11, 12, 100, 1_000, 65_350, 65_400, 70_000}) {
      assertThat(delivered(message(1, "y".repeat(length)))).contains("y".repeat(length));
    }
  }

  @Test
  void fields_of_a_later_version_are_left_out() {
    byte[] bytes = message(1, "x").toByteArray();
    byte[] later = new byte[bytes.length + 2];
    System.arraycopy(bytes, 0, later, 0, bytes.length);
    later[bytes.length] = 15 << 3;
    later[bytes.length + 1] = 1;
    ByteBuf out = Unpooled.buffer();

    FORMAT.writeMessage(new LoggedMessage(1, 1, later), out);

    assertThat(out.toString(UTF_8)).endsWith("\"created_at_ms\":1700000000000}}");
  }

  @Test
  void enums_are_names_and_defaults_are_absent() {
    assertThat(said(ServerFrame.newBuilder()
            .setError(Error.newBuilder().setCode(ErrorCode.OVERLOADED).setRetryAfterMs(1_000))))
        .isEqualTo("{\"error\":{\"code\":\"OVERLOADED\",\"retry_after_ms\":1000}}");
    assertThat(said(ServerFrame.newBuilder()
            .setGoAway(GoAway.newBuilder().setReason(GoAway.Reason.REPLACED).setFinal(true))))
        .isEqualTo("{\"go_away\":{\"reason\":\"REPLACED\",\"final\":true}}");
    assertThat(said(ServerFrame.newBuilder().setRequestId(5).setPong(Pong.getDefaultInstance())))
        .isEqualTo("{\"request_id\":5,\"pong\":{}}");
  }

  @Test
  void presence_and_gaps_are_written_like_answers() {
    ByteBuf presence = Unpooled.buffer();
    FORMAT.writePresence(
        7,
        2,
        List.of(Member.newBuilder().setUserId(43).setUsername("bob").build()),
        List.of(),
        presence);
    presence.skipBytes(2);
    ByteBuf gap = Unpooled.buffer();
    FORMAT.writeGap(io.gochat.server.messaging.Topic.inbox(42), 4, 9, 11, gap);
    gap.skipBytes(2);

    assertThat(presence.toString(UTF_8))
        .isEqualTo("{\"presence\":{\"room_id\":7,\"count\":2,"
            + "\"joined\":[{\"user_id\":43,\"username\":\"bob\"}]}}");
    assertThat(gap.toString(UTF_8))
        .isEqualTo(
            "{\"gap\":{\"topic\":{\"user_id\":42},\"from_seq\":4,\"to_seq\":9,\"epoch\":11}}");
  }

  @Test
  void history_is_cut_where_a_message_would_get_too_long() {
    LoggedMessage large = logged(message(1, "\u0001".repeat(16_000)));
    LogSlice slice = new LogSlice(9, 1, 100, Collections.nCopies(60, large));
    Encoded history = FORMAT.history(6, slice);
    ByteBuf out = Unpooled.buffer();

    history.writeTo(out);

    String json = payload(out, history.size());
    assertThat(json)
        .startsWith("{\"request_id\":6,\"history\":{\"messages\":[{\"message_id\"")
        .endsWith("],\"last_seq\":100,\"first_seq\":1,\"epoch\":9}}");
    assertThat(json.length()).isBetween(900_000, Limits.MAX_OUTBOUND_FRAME_BYTES);
  }

  @Test
  void an_empty_history_is_an_empty_array() {
    Encoded history = FORMAT.history(6, new LogSlice(9, 1, 0, List.of()));
    ByteBuf out = Unpooled.buffer();

    history.writeTo(out);

    assertThat(payload(out, history.size()))
        .isEqualTo("{\"request_id\":6,\"history\":{\"messages\":[],\"last_seq\":0,\"first_seq\":1,"
            + "\"epoch\":9}}");
  }
}

package io.gochat.server.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.registry.FailingAllocator;
import io.gochat.server.websocket.MessageDecoder.Found;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which TCP may split messages, and every way in which a client may break them. */
class MessageDecoderTest {
  private static final int MAX_BYTES = 70_000;
  private static final int FIN = 0x80;

  private final MessageDecoder decoder = new MessageDecoder(MAX_BYTES);
  private final List<String> found = new ArrayList<>();

  @AfterEach
  void close() {
    decoder.close();
  }

  private void feed(byte... bytes) throws ViolationException {
    decoder.feed(PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(bytes));
    for (Found next = decoder.next(); next != Found.NOTHING; next = decoder.next()) {
      found.add(next + " " + decoder.payload().toString(UTF_8));
    }
  }

  private static byte[] text(int first, String payload) {
    return RawWebSocket.bytes(first, true, payload.getBytes(UTF_8));
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void a_stream_is_understood_wherever_it_is_split() throws Exception {
    byte[] stream = joined(
        text(FIN | Opcode.TEXT, "hi ☺"),
        text(Opcode.TEXT, "in "),
        text(FIN | Opcode.PING, "are you there"),
        text(Opcode.CONTINUATION, "three"),
        text(FIN | Opcode.CONTINUATION, " pieces"),
        text(FIN | Opcode.BINARY, ""),
        text(FIN | Opcode.PONG, ""),
        text(FIN | Opcode.CLOSE, ""));
    List<String> expected = List.of(
        "TEXT hi ☺", "PING are you there", "TEXT in three pieces", "BINARY ", "PONG ", "CLOSE ");

    for (int at = 0; at <= stream.length; at++) {
      found.clear();
      feed(Arrays.copyOf(stream, at));
      feed(Arrays.copyOfRange(stream, at, stream.length));

      assertThat(found).as("split at %d", at).isEqualTo(expected);
    }
  }

  @Test
  void a_stream_is_understood_byte_by_byte() throws Exception {
    byte[] character = "☺".getBytes(UTF_8);
    byte[] stream = joined(
        RawWebSocket.bytes(Opcode.TEXT, true, character[0]),
        RawWebSocket.bytes(FIN | Opcode.CONTINUATION, true, character[1], character[2]),
        text(FIN | Opcode.BINARY, "x".repeat(300)));

    for (byte next : stream) {
      feed(next);
    }

    assertThat(found).containsExactly("TEXT ☺", "BINARY " + "x".repeat(300));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 125, 126, 127, 65_535, 65_536, MAX_BYTES})
  void messages_of_every_kind_of_length_are_taken(int length) throws Exception {
    String payload = "y".repeat(length);

    feed(text(FIN | Opcode.TEXT, payload));

    assertThat(found).containsExactly("TEXT " + payload);
  }

  @Test
  void a_message_over_the_bound_is_refused_at_its_header() {
    byte[] frame = text(FIN | Opcode.BINARY, "y".repeat(MAX_BYTES + 1));

    assertViolation(CloseCode.TOO_BIG, Arrays.copyOf(frame, 14));
  }

  @Test
  void fragments_together_are_bounded() throws Exception {
    feed(text(Opcode.BINARY, "y".repeat(MAX_BYTES)));

    assertViolation(CloseCode.TOO_BIG, text(Opcode.CONTINUATION, "y"));
  }

  @Test
  void a_length_that_is_negative_is_too_big() {
    byte[] frame = {(byte) (FIN | Opcode.TEXT), (byte) 0xFF, -1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0};

    assertViolation(CloseCode.TOO_BIG, frame);
  }

  @Test
  void a_length_in_more_bytes_than_it_needs_is_refused() {
    byte[] inTwo = {(byte) (FIN | Opcode.TEXT), (byte) 0xFE, 0, 125, 0, 0, 0, 0};
    byte[] inEight = {(byte) (FIN | Opcode.TEXT), (byte) 0xFF, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0
    };

    assertViolation(CloseCode.PROTOCOL_ERROR, inTwo);
    assertViolation(CloseCode.PROTOCOL_ERROR, inEight);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x40, 0x20, 0x10})
  void reserved_bits_are_refused(int bit) {
    assertViolation(CloseCode.PROTOCOL_ERROR, text(FIN | bit | Opcode.TEXT, "hi"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x3, 0x4, 0x7, 0xB, 0xF})
  void unknown_opcodes_are_refused(int opcode) {
    assertViolation(CloseCode.PROTOCOL_ERROR, text(FIN | opcode, ""));
  }

  @Test
  void a_frame_without_a_mask_is_refused() {
    byte[] frame = RawWebSocket.bytes(FIN | Opcode.TEXT, false, (byte) 'x');

    assertViolation(CloseCode.PROTOCOL_ERROR, frame);
  }

  @Test
  void control_frames_are_short_and_whole() {
    assertViolation(CloseCode.PROTOCOL_ERROR, text(FIN | Opcode.PING, "p".repeat(126)));
    assertViolation(CloseCode.PROTOCOL_ERROR, text(Opcode.PING, "p"));
  }

  @Test
  void a_message_within_a_message_is_refused() throws Exception {
    feed(text(Opcode.TEXT, "begun"));

    assertViolation(CloseCode.PROTOCOL_ERROR, text(FIN | Opcode.TEXT, "another"));
  }

  @Test
  void a_continuation_of_nothing_is_refused() {
    assertViolation(CloseCode.PROTOCOL_ERROR, text(FIN | Opcode.CONTINUATION, "what"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"80", "c080", "c1bf", "e08080", "eda080", "edbfbf", "f0808080", "f4908080", "f5"})
  void a_text_is_refused_at_its_first_wrong_byte(String hex) {
    byte[] wrong = ByteBufUtil.decodeHexDump(hex);
    byte[] unfinished = RawWebSocket.bytes(Opcode.TEXT, true, joined("ok".getBytes(UTF_8), wrong));

    assertViolation(CloseCode.INVALID_TEXT, unfinished);
  }

  @Test
  void a_text_that_ends_within_a_character_is_refused() {
    byte[] half = RawWebSocket.bytes(FIN | Opcode.TEXT, true, (byte) 0xE2, (byte) 0x98);

    assertViolation(CloseCode.INVALID_TEXT, half);
  }

  @Test
  void what_is_skipped_is_not_held_and_control_frames_are_still_found() throws Exception {
    feed(text(Opcode.TEXT, "begun"));
    decoder.skipMessages();

    feed(text(Opcode.CONTINUATION, "more"));
    feed(text(FIN | Opcode.CONTINUATION, "end"));
    feed(text(FIN | Opcode.BINARY, "another"));
    feed(text(FIN | Opcode.CLOSE, ""));

    assertThat(found).containsExactly("CLOSE ");
  }

  private void assertViolation(int code, byte[] bytes) {
    assertThatThrownBy(() -> feed(bytes))
        .isInstanceOfSatisfying(
            ViolationException.class, e -> assertThat(e.closeCode()).isEqualTo(code));
    decoder.close();
  }

  @Test
  void bytes_that_find_no_memory_to_be_joined_in_are_released_once() {
    FailingAllocator memory = new FailingAllocator();
    ByteBuf first = new UnpooledHeapByteBuf(memory, 8, 8).writeByte(FIN | Opcode.TEXT);
    ByteBuf second = new UnpooledHeapByteBuf(memory, 8, 8).writeByte(1);
    decoder.feed(first);
    memory.emptyAfter(0);

    assertThatThrownBy(() -> decoder.feed(second)).isInstanceOf(OutOfMemoryError.class);
    decoder.close();

    assertThat(first.refCnt()).isZero();
    assertThat(second.refCnt()).isZero();
  }
}

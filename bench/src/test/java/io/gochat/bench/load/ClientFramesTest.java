package io.gochat.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Message;
import io.gochat.protocol.Pong;
import io.gochat.protocol.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientFramesTest {
  private final DeliveryCursor cursor = new DeliveryCursor();

  @ParameterizedTest
  @ValueSource(ints = {1, 127, 128, 16_383, 16_384, 2_097_152, Integer.MAX_VALUE})
  void a_publish_in_place_is_what_the_schema_says(int requestId) throws Exception {
    for (int textBytes : new int[] {26, 127, 128, 16_384}) {
      ClientFrames.PublishTemplate template =
          ClientFrames.publish(ClientFrames.room((1L << 53) - 1), textBytes);
      template.requestId(requestId);
      Arrays.fill(template.bytes, template.textAt, template.textAt + textBytes, (byte) 'x');

      ClientFrame frame =
          ClientFrame.parseFrom(Arrays.copyOfRange(template.bytes, 4, template.bytes.length));

      assertThat(template.bytes[0]).isEqualTo((byte) 1);
      assertThat(frame.getRequestId()).isEqualTo(requestId);
      assertThat(frame.getPublish().getTopic().getRoomId()).isEqualTo((1L << 53) - 1);
      assertThat(frame.getPublish().getText()).isEqualTo("x".repeat(textBytes));
    }
  }

  @Test
  void a_delivery_is_read_without_parsing_it() {
    Message message = Message.newBuilder()
        .setMessageId(Long.MAX_VALUE)
        .setTopic(ClientFrames.room(1L << 40))
        .setSeq((1L << 53) - 1)
        .setFromUserId(300)
        .setFromUserName("ünï")
        .setToUserName("to")
        .setText("the text")
        .setCreatedAtMs(1_770_000_000_000L)
        .setToUserId(4)
        .build();
    byte[] payload = ServerFrame.newBuilder().setDelivery(message).build().toByteArray();

    assertThat(cursor.read(payload, 0, payload.length)).isTrue();

    assertThat(cursor.roomId).isEqualTo(1L << 40);
    assertThat(cursor.userId).isZero();
    assertThat(cursor.seq).isEqualTo((1L << 53) - 1);
    assertThat(new String(payload, cursor.textAt, cursor.textLength, StandardCharsets.UTF_8))
        .isEqualTo("the text");
    byte[] pong =
        ServerFrame.newBuilder().setPong(Pong.getDefaultInstance()).build().toByteArray();
    assertThat(cursor.read(pong, 0, pong.length)).isFalse();
  }

  @Test
  void frames_are_cut_right_for_every_split_of_the_stream() throws Exception {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (String text : new String[] {"a", "bb", "ccc".repeat(50)}) {
      stream.write(new byte[] {1, 0, 0, (byte) text.length()});
      stream.write(text.getBytes(StandardCharsets.US_ASCII));
    }
    byte[] all = stream.toByteArray();
    FrameReader.Scratch scratch = new FrameReader.Scratch();
    for (int first = 0; first <= all.length; first++) {
      for (int second = first; second <= all.length; second += 7) {
        FrameReader reader = new FrameReader();
        List<String> frames = new ArrayList<>();
        FrameReader.Sink sink = (bytes, from, to) ->
            frames.add(new String(bytes, from, to - from, StandardCharsets.US_ASCII));

        reader.read(slice(all, 0, first), scratch, sink);
        reader.read(slice(all, first, second), scratch, sink);
        reader.read(slice(all, second, all.length), scratch, sink);

        assertThat(frames).containsExactly("a", "bb", "ccc".repeat(50));
      }
    }
  }

  @Test
  void a_stream_that_is_not_frames_is_an_error() {
    FrameReader reader = new FrameReader();
    ByteBuf http = Unpooled.copiedBuffer("HTTP/1.1 400", StandardCharsets.US_ASCII);

    assertThatThrownBy(() -> reader.read(http, new FrameReader.Scratch(), (bytes, from, to) -> {}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void a_stamp_is_read_back_and_damage_is_noticed() {
    Stamp stamp = new Stamp(-5, 64);
    byte[] text = new byte[70];
    stamp.write(0x0123_4567_89ab_cdefL, text, 3);

    assertThat(stamp.read(text, 3, 64)).isEqualTo(0x0123_4567_89ab_cdefL);
    assertThat(new Stamp(6, 64).read(text, 3, 64)).isEqualTo(Stamp.FOREIGN);
    assertThat(stamp.read(text, 3, 63)).isEqualTo(Stamp.CORRUPT);
    text[40] ^= 1;
    assertThat(stamp.read(text, 3, 64)).isEqualTo(Stamp.CORRUPT);
  }

  private static ByteBuf slice(byte[] all, int from, int to) {
    return Unpooled.wrappedBuffer(all, from, to - from);
  }
}

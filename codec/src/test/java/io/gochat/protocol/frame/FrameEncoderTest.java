package io.gochat.protocol.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.MessageLite;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Message;
import io.gochat.protocol.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameEncoderTest {
  private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

  @Test
  void every_frame_comes_back_as_it_was() throws Exception {
    for (ServerFrame frame : SampleFrames.events().values()) {
      for (ByteBuf out : List.of(ALLOCATOR.directBuffer(1), ALLOCATOR.heapBuffer(1))) {
        FrameEncoder.encode(frame, out);

        assertThat(out.readableBytes()).isEqualTo(FrameEncoder.size(frame));
        try (FrameDecoder decoder = new FrameDecoder(1_048_576)) {
          decoder.feed(out);
          assertThat(decoder.next(ServerFrame.parser())).isEqualTo(frame);
          assertThat(decoder.next(ServerFrame.parser())).isNull();
        }
      }
    }
  }

  @Test
  void frames_are_appended_behind_what_the_buffer_holds() {
    ByteBuf out = Unpooled.buffer();
    for (ClientFrame frame : SampleFrames.commands().values()) {
      FrameEncoder.encode(frame, out);
    }

    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    SampleFrames.commands().values().stream()
        .map(FrameStreams::toBytes)
        .forEach(expected::writeBytes);
    assertThat(ByteBufUtil.getBytes(out)).isEqualTo(expected.toByteArray());
  }

  @Test
  void encoding_into_a_new_buffer_takes_exactly_its_size() {
    ServerFrame frame =
        ServerFrame.newBuilder().setDelivery(SampleFrames.MESSAGE).build();

    ByteBuf out = FrameEncoder.encode(frame, ALLOCATOR);

    assertThat(ByteBufUtil.getBytes(out)).isEqualTo(FrameStreams.toBytes(frame));
    out.release();
  }

  @Test
  void a_serialized_message_is_framed_as_its_delivery() {
    // Lengths around the borders of the varint.
    for (int textBytes : new int[] {0, 60, 70, 100, 127, 128, 16_300, 16_384, 100_000}) {
      Message message =
          SampleFrames.MESSAGE.toBuilder().setText("x".repeat(textBytes)).build();
      byte[] serialized = message.toByteArray();
      ByteBuf out = ALLOCATOR.buffer();

      FrameEncoder.encodeDelivery(serialized, out);

      assertThat(out.readableBytes()).isEqualTo(FrameEncoder.deliverySize(serialized.length));
      assertThat(ByteBufUtil.getBytes(out))
          .isEqualTo(
              FrameStreams.toBytes(ServerFrame.newBuilder().setDelivery(message).build()));
      out.release();
    }
  }

  @Test
  void an_empty_frame_cannot_be_written() {
    MessageLite empty = ClientFrame.getDefaultInstance();

    assertThatThrownBy(() -> FrameEncoder.encode(empty, ALLOCATOR))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void blocking_streams_read_what_they_wrote_and_end_cleanly() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (ServerFrame frame : SampleFrames.events().values()) {
      FrameStreams.write(frame, out);
    }
    ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());

    List<ServerFrame> frames = new ArrayList<>();
    for (ServerFrame frame = FrameStreams.read(in, ServerFrame.parser(), 1_000);
        frame != null;
        frame = FrameStreams.read(in, ServerFrame.parser(), 1_000)) {
      frames.add(frame);
    }

    assertThat(frames).containsExactlyElementsOf(SampleFrames.events().values());
  }

  @Test
  void blocking_stream_that_ends_within_a_frame_says_so_at_every_byte() {
    byte[] bytes = FrameStreams.toBytes(SampleFrames.event("Delivery"));

    for (int length = 1; length < bytes.length; length++) {
      ByteArrayInputStream in = new ByteArrayInputStream(bytes, 0, length);
      assertThatThrownBy(() -> FrameStreams.read(in, ServerFrame.parser(), 1_000))
          .isInstanceOf(EOFException.class);
    }
  }
}

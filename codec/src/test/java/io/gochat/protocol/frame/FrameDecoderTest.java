package io.gochat.protocol.frame;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Publish;
import io.gochat.protocol.frame.FrameException.Reason;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
  private static final int MAX = 65_536;

  private final List<ByteBuf> fed = new ArrayList<>();
  private final FrameDecoder decoder = new FrameDecoder(MAX);

  @AfterEach
  void nothing_is_leaked() {
    decoder.close();
    assertThat(fed).allMatch(buffer -> buffer.refCnt() == 0);
  }

  @Test
  void two_reads_split_at_every_offset_give_every_frame() throws Exception {
    byte[] stream = streamOf(List.copyOf(SampleFrames.commands().values()));

    for (int split = 0; split <= stream.length; split++) {
      List<ClientFrame> frames = new ArrayList<>();
      feed(stream, 0, split);
      take(frames);
      feed(stream, split, stream.length);
      take(frames);

      assertThat(frames).as("split at %d", split).containsExactlyElementsOf(commands());
      assertThat(decoder.isEmpty()).isTrue();
    }
  }

  @Test
  void byte_by_byte_gives_each_frame_with_its_last_byte() throws Exception {
    for (ClientFrame frame : commands()) {
      byte[] bytes = FrameStreams.toBytes(frame);

      for (int i = 0; i < bytes.length - 1; i++) {
        feed(bytes, i, i + 1);
        assertThat(decoder.next(ClientFrame.parser())).as("after byte %d", i).isNull();
      }
      feed(bytes, bytes.length - 1, bytes.length);

      assertThat(decoder.next(ClientFrame.parser())).isEqualTo(frame);
      assertThat(decoder.isEmpty()).isTrue();
    }
  }

  @Test
  void random_cuts_of_random_frames_give_the_same_frames() throws Exception {
    long seed = Long.getLong("gochat.seed", System.nanoTime());
    Random random = new Random(seed);

    for (int round = 0; round < 300; round++) {
      List<ClientFrame> sent = randomFrames(random);
      byte[] stream = streamOf(sent);
      List<ClientFrame> frames = new ArrayList<>();
      for (int at = 0; at < stream.length; ) {
        int end = Math.min(stream.length, at + random.nextInt(1 + random.nextInt(3_000)));
        feed(stream, at, end);
        at = end;
        if (random.nextInt(4) > 0) {
          take(frames);
        }
      }
      take(frames);

      assertThat(frames).as("seed %d, round %d", seed, round).isEqualTo(sent);
      assertThat(decoder.isEmpty()).isTrue();
    }
  }

  @Test
  void garbage_ends_in_a_typed_exception_and_never_in_another() {
    long seed = Long.getLong("gochat.seed", System.nanoTime());
    Random random = new Random(seed);

    for (int round = 0; round < 20_000; round++) {
      byte[] garbage = new byte[1 + random.nextInt(64)];
      random.nextBytes(garbage);
      if (random.nextBoolean() && garbage.length > FrameHeader.BYTES) {
        System.arraycopy(new byte[] {1, 0, 0, (byte) (garbage.length - 4)}, 0, garbage, 0, 4);
      }
      try (FrameDecoder fresh = new FrameDecoder(MAX)) {
        fresh.feed(buffer(garbage, 0, garbage.length));
        while (fresh.next(ClientFrame.parser()) != null) {}
      } catch (FrameException expected) {
        assertThat(expected.getStackTrace()).isEmpty();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
  }

  @Test
  void wrong_version_byte_is_refused_at_once() {
    assertThat(reasonOf(0x02)).isEqualTo(Reason.BAD_VERSION);
    assertThat(reasonOf('G')).isEqualTo(Reason.BAD_VERSION);
  }

  @Test
  void length_zero_is_refused() {
    assertThat(reasonOf(1, 0, 0, 0)).isEqualTo(Reason.BAD_LENGTH);
  }

  @Test
  void largest_length_of_the_header_is_refused_before_its_payload() {
    assertThat(reasonOf(1, 0xFF, 0xFF, 0xFF)).isEqualTo(Reason.BAD_LENGTH);
  }

  @Test
  void length_at_the_bound_is_taken_and_one_more_is_not() throws Exception {
    byte[] atBound = new byte[FrameHeader.BYTES + MAX];
    atBound[0] = 1;
    atBound[1] = 1;
    feed(atBound, 0, atBound.length);

    assertThat(decoder.poll()).isEqualTo(MAX);
    assertThat(reasonOf(1, 1, 0, 1)).isEqualTo(Reason.BAD_LENGTH);
  }

  @Test
  void second_frame_of_a_wrong_version_is_refused_after_the_first_was_given() throws Exception {
    byte[] ping = FrameStreams.toBytes(SampleFrames.command("Ping"));
    feed(ping, 0, ping.length);
    feed(new byte[] {7}, 0, 1);

    assertThat(decoder.next(ClientFrame.parser())).isNotNull();
    FrameException e =
        catchThrowableOfType(FrameException.class, () -> decoder.next(ClientFrame.parser()));
    assertThat(e.reason()).isEqualTo(Reason.BAD_VERSION);
  }

  @Test
  void broken_protobuf_is_refused() {
    assertThat(reasonOf(1, 0, 0, 2, 0x12, 0x7F)).isEqualTo(Reason.BAD_PROTOBUF);
  }

  @Test
  void end_group_tag_is_no_frame() {
    assertThat(reasonOf(1, 0, 0, 1, 0x0C)).isEqualTo(Reason.BAD_PROTOBUF);
  }

  @Test
  void invalid_utf8_is_refused() {
    // hello { token: a lone continuation byte }
    assertThat(reasonOf(1, 0, 0, 5, 0x12, 0x03, 0x0A, 0x01, 0x80)).isEqualTo(Reason.BAD_PROTOBUF);
  }

  @Test
  void lone_surrogate_is_refused() {
    // hello { token: U+D800 as three bytes }
    assertThat(reasonOf(1, 0, 0, 7, 0x12, 0x05, 0x0A, 0x03, 0xED, 0xA0, 0x80))
        .isEqualTo(Reason.BAD_PROTOBUF);
  }

  @Test
  void a_claimed_length_costs_no_memory_before_its_bytes_arrive() throws Exception {
    CountingAllocator allocator = new CountingAllocator();

    decoder.feed(allocator.of(1, 0, 0xFF, 0xFF, 0x0A));

    assertThat(decoder.poll()).isEqualTo(-1);
    assertThat(allocator.largest).isLessThan(1_024);
  }

  @Test
  void a_partial_frame_does_not_pin_the_receive_buffer() throws Exception {
    ByteBuf received = buffer(new byte[] {1, 0, 0, 9, 8}, 0, 5);

    decoder.feed(received);
    decoder.poll();

    assertThat(received.refCnt()).isZero();
    assertThat(decoder.isEmpty()).isFalse();
  }

  @Test
  void payload_slices_are_the_payloads() throws Exception {
    byte[] stream = streamOf(commands());
    feed(stream, 0, stream.length);

    for (ClientFrame expected : commands()) {
      ByteBuf payload = requireNonNull(decoder.nextPayload());
      byte[] bytes = new byte[payload.readableBytes()];
      payload.readBytes(bytes);

      assertThat(ClientFrame.parseFrom(bytes)).isEqualTo(expected);
    }
    assertThat(decoder.nextPayload()).isNull();
  }

  private Reason reasonOf(int... bytes) {
    try (FrameDecoder fresh = new FrameDecoder(MAX)) {
      byte[] array = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        array[i] = (byte) bytes[i];
      }
      fresh.feed(buffer(array, 0, array.length));
      return catchThrowableOfType(FrameException.class, () -> fresh.next(ClientFrame.parser()))
          .reason();
    }
  }

  private void take(List<ClientFrame> frames) throws FrameException {
    for (ClientFrame frame = decoder.next(ClientFrame.parser());
        frame != null;
        frame = decoder.next(ClientFrame.parser())) {
      frames.add(frame);
    }
  }

  private void feed(byte[] bytes, int from, int to) {
    decoder.feed(buffer(bytes, from, to));
  }

  private ByteBuf buffer(byte[] bytes, int from, int to) {
    // Every other buffer is direct: parsing takes another way there.
    ByteBuf buffer = (fed.size() & 1) == 0
        ? PooledByteBufAllocator.DEFAULT.directBuffer(to - from)
        : PooledByteBufAllocator.DEFAULT.heapBuffer(to - from);
    fed.add(buffer.writeBytes(bytes, from, to - from));
    return buffer;
  }

  private static List<ClientFrame> commands() {
    return List.copyOf(SampleFrames.commands().values());
  }

  private static byte[] streamOf(List<ClientFrame> frames) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    frames.forEach(frame -> out.writeBytes(FrameStreams.toBytes(frame)));
    return out.toByteArray();
  }

  private static List<ClientFrame> randomFrames(Random random) {
    List<ClientFrame> frames = new ArrayList<>();
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      String text = "x".repeat(random.nextInt(1 + random.nextInt(5_000)));
      frames.add(ClientFrame.newBuilder()
          .setRequestId(1 + random.nextInt(1_000_000))
          .setPublish(Publish.newBuilder().setText(text))
          .build());
    }
    return frames;
  }

  /** Remembers the largest buffer that the decoder asked its input's allocator for. */
  private static final class CountingAllocator {
    private int largest;

    private ByteBuf of(int... bytes) {
      ByteBuf buffer = new RecordingBuffer(this, Unpooled.buffer(bytes.length));
      for (int value : bytes) {
        buffer.writeByte(value);
      }
      return buffer;
    }
  }

  private static final class RecordingBuffer extends UnpooledHeapByteBuf {
    private final CountingAllocator counting;

    private RecordingBuffer(CountingAllocator counting, ByteBuf like) {
      super(UnpooledByteBufAllocator.DEFAULT, like.capacity(), like.maxCapacity());
      this.counting = counting;
      like.release();
    }

    @Override
    public ByteBufAllocator alloc() {
      return new AbstractByteBufAllocator(false) {
        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
          counting.largest = Math.max(counting.largest, initialCapacity);
          return Unpooled.buffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
          return newHeapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
          return false;
        }
      };
    }
  }
}

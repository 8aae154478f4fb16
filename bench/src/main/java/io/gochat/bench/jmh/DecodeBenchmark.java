package io.gochat.bench.jmh;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Publish;
import io.gochat.protocol.Topic;
import io.gochat.protocol.frame.FrameDecoder;
import io.gochat.protocol.frame.FrameEncoder;
import io.gochat.protocol.frame.FrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** Cutting what was received into publishes and parsing them; figures are per frame. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecodeBenchmark {
  private static final int FRAMES = 64;

  /** Bytes of the text. */
  @Param({"16", "128", "1024"})
  public int textBytes;

  private final FrameDecoder decoder = new FrameDecoder(Limits.DEFAULT_MAX_FRAME_BYTES);
  private ByteBuf stream = Unpooled.EMPTY_BUFFER;

  /** Fills a receive buffer with frames. */
  @Setup
  public void prepare() {
    ClientFrame frame = ClientFrame.newBuilder()
        .setRequestId(12_345)
        .setPublish(Publish.newBuilder()
            .setTopic(Topic.newBuilder().setRoomId(Samples.ROOM))
            .setText("x".repeat(textBytes))
            .setClientMessageId("0123456789abcdef"))
        .build();
    stream = Unpooled.directBuffer(FRAMES * FrameEncoder.size(frame));
    for (int i = 0; i < FRAMES; i++) {
      FrameEncoder.encode(frame, stream);
    }
  }

  /** Gives the buffer back. */
  @TearDown
  public void release() {
    decoder.close();
    stream.release();
  }

  /** Whole publishes, as objects. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public void publishes(Blackhole hole) throws FrameException {
    decoder.feed(stream.retainedDuplicate());
    for (ClientFrame frame = decoder.next(ClientFrame.parser());
        frame != null;
        frame = decoder.next(ClientFrame.parser())) {
      hole.consume(frame);
    }
  }

  /** The cutting alone. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public void boundaries(Blackhole hole) throws FrameException {
    decoder.feed(stream.retainedDuplicate());
    for (int length = decoder.poll(); length >= 0; length = decoder.poll()) {
      hole.consume(length);
    }
  }
}

package io.gochat.bench.jmh;

import io.gochat.protocol.Message;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameEncoder;
import io.gochat.server.frame.FrameFormat;
import io.gochat.server.messaging.LoggedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Framing of one delivery: done once per message and event loop, never once per recipient. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EncodeBenchmark {
  /** Bytes of the text. */
  @Param({"16", "128", "1024"})
  public int textBytes;

  private final ByteBuf out = Unpooled.directBuffer(64 * 1024);
  private Message message = Message.getDefaultInstance();
  private LoggedMessage logged = new LoggedMessage(1, 1, new byte[1]);

  /** Serializes the message as the committer does, once. */
  @Setup
  public void prepare() {
    message = Samples.message(textBytes);
    logged = new LoggedMessage(message.getSeq(), message.getMessageId(), message.toByteArray());
  }

  /** Gives the buffer back. */
  @TearDown
  public void release() {
    out.release();
  }

  /** What the server does: the logged bytes behind a header. */
  @Benchmark
  public ByteBuf delivery() {
    out.clear();
    FrameFormat.INSTANCE.writeMessage(logged, out);
    return out;
  }

  /** What it saves: building and serializing the frame from objects. */
  @Benchmark
  public ByteBuf deliveryFromObjects() {
    out.clear();
    FrameEncoder.encode(ServerFrame.newBuilder().setDelivery(message).build(), out);
    return out;
  }
}

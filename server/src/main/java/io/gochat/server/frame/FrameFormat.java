package io.gochat.server.frame;

import io.gochat.protocol.Member;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameEncoder;
import io.gochat.protocol.frame.FrameHeader;
import io.gochat.protocol.frame.HistoryPayload;
import io.gochat.server.command.AnswerFormat;
import io.gochat.server.command.Answers;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Everything that the server says as frames of protobuf. Thread-safe and stateless; buffers stay the caller's. */
public final class FrameFormat implements AnswerFormat {
  /** The only one: connections that share it share framed bytes. */
  public static final FrameFormat INSTANCE = new FrameFormat();

  private FrameFormat() {}

  @Override
  public int messageSize(LoggedMessage message) {
    return FrameEncoder.deliverySize(message.bytes().length);
  }

  @Override
  public void writeMessage(LoggedMessage message, ByteBuf out) {
    FrameEncoder.encodeDelivery(message.bytes(), out);
  }

  @Override
  public void writeGap(Topic topic, long fromSeq, long toSeq, long epoch, ByteBuf out) {
    write(Answers.gap(topic, fromSeq, toSeq, epoch), out);
  }

  @Override
  public void writePresence(
      long roomId, int count, List<Member> joined, List<Member> left, ByteBuf out) {
    write(Answers.presence(roomId, count, joined, left), out);
  }

  @Override
  public int size(ServerFrame frame) {
    return FrameEncoder.size(frame);
  }

  @Override
  public void write(ServerFrame frame, ByteBuf out) {
    FrameEncoder.encode(frame, out);
  }

  @Override
  public Encoded history(long requestId, LogSlice slice) {
    return new HistoryFrame(Answers.history(requestId, slice));
  }

  private record HistoryFrame(HistoryPayload payload) implements Encoded {
    @Override
    public int size() {
      return FrameHeader.BYTES + payload.size();
    }

    @Override
    public void writeTo(ByteBuf out) {
      FrameEncoder.encodeHistory(payload, out);
    }
  }
}

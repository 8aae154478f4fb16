package io.gochat.server.websocket;

import io.gochat.protocol.Member;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.HistoryPayload;
import io.gochat.protocol.frame.Payloads;
import io.gochat.server.command.AnswerFormat;
import io.gochat.server.command.Answers;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Everything that the server says as binary messages of protobuf: payloads of frames without their four bytes. Thread-safe
 * and stateless; buffers stay the caller's.
 */
public final class ProtobufFormat implements AnswerFormat {
  /** The only one: connections that share it share bytes. */
  public static final ProtobufFormat INSTANCE = new ProtobufFormat();

  private ProtobufFormat() {}

  @Override
  public int messageSize(LoggedMessage message) {
    return whole(Payloads.deliverySize(message.bytes().length));
  }

  @Override
  public void writeMessage(LoggedMessage message, ByteBuf out) {
    header(Payloads.deliverySize(message.bytes().length), out);
    Payloads.writeDelivery(message.bytes(), out);
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
    return whole(frame.getSerializedSize());
  }

  @Override
  public void write(ServerFrame frame, ByteBuf out) {
    int size = frame.getSerializedSize();
    header(size, out);
    Payloads.write(frame, size, out);
  }

  @Override
  public Encoded history(long requestId, LogSlice slice) {
    return new History(Answers.history(requestId, slice));
  }

  private static int whole(int payloadBytes) {
    return MessageHeader.size(payloadBytes) + payloadBytes;
  }

  private static void header(int payloadBytes, ByteBuf out) {
    MessageHeader.write(Opcode.BINARY, payloadBytes, out);
  }

  private record History(HistoryPayload payload) implements Encoded {
    @Override
    public int size() {
      return whole(payload.size());
    }

    @Override
    public void writeTo(ByteBuf out) {
      header(payload.size(), out);
      payload.writeTo(out);
    }
  }
}

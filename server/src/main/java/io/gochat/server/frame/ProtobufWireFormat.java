package io.gochat.server.frame;

import io.gochat.protocol.Gap;
import io.gochat.protocol.Member;
import io.gochat.protocol.Presence;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameEncoder;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.WireFormat;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Pushes as frames of protobuf. Thread-safe and stateless; buffers stay the caller's. */
public final class ProtobufWireFormat implements WireFormat {
  /** The only one: connections that share it share framed bytes. */
  public static final ProtobufWireFormat INSTANCE = new ProtobufWireFormat();

  private ProtobufWireFormat() {}

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
    Gap.Builder gap = Gap.newBuilder()
        .setTopic(WireTopics.toWire(topic))
        .setFromSeq(fromSeq)
        .setToSeq(toSeq)
        .setEpoch(epoch);
    FrameEncoder.encode(ServerFrame.newBuilder().setGap(gap).build(), out);
  }

  @Override
  public void writePresence(
      long roomId, int count, List<Member> joined, List<Member> left, ByteBuf out) {
    Presence.Builder presence = Presence.newBuilder()
        .setRoomId(roomId)
        .setCount(count)
        .addAllJoined(joined)
        .addAllLeft(left);
    FrameEncoder.encode(ServerFrame.newBuilder().setPresence(presence).build(), out);
  }
}

package io.gochat.server.registry;

import io.gochat.protocol.Member;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** A wire format for tests: mark, type, sequence, length and so many copies of the text. Immutable. */
record SeqFormat(byte mark, int copies) implements WireFormat {
  static final int HEADER_BYTES = 14;

  /** Appends a frame of any type: what an answer is made of. */
  void write(char type, long seq, int length, ByteBuf out) {
    out.writeByte(mark).writeByte(type).writeLong(seq).writeInt(length);
  }

  @Override
  public int messageSize(LoggedMessage message) {
    return HEADER_BYTES + copies * message.bytes().length;
  }

  @Override
  public void writeMessage(LoggedMessage message, ByteBuf out) {
    write('M', message.seq(), copies * message.bytes().length, out);
    for (int i = 0; i < copies; i++) {
      out.writeBytes(message.bytes());
    }
  }

  @Override
  public void writeGap(Topic topic, long fromSeq, long toSeq, long epoch, ByteBuf out) {
    write('G', toSeq, 0, out);
  }

  @Override
  public void writePresence(
      long roomId, int count, List<Member> joined, List<Member> left, ByteBuf out) {
    write('P', count, 0, out);
  }
}

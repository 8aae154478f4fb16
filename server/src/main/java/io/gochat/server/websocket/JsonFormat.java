package io.gochat.server.websocket;

import io.gochat.protocol.Limits;
import io.gochat.protocol.Member;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.command.AnswerFormat;
import io.gochat.server.command.Answers;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Everything that the server says as text messages of JSON. Thread-safe and stateless; buffers stay the caller's. */
public final class JsonFormat implements AnswerFormat {
  /** The only one: connections that share it share bytes. */
  public static final JsonFormat INSTANCE = new JsonFormat();

  private static final byte[] DELIVERY = MessageJson.ascii("{\"delivery\":");
  private static final byte[] REQUEST_ID = MessageJson.ascii("{\"request_id\":");
  private static final byte[] HISTORY = MessageJson.ascii(",\"history\":{\"messages\":[");
  private static final byte[] LAST_SEQ = MessageJson.ascii("],\"last_seq\":");
  private static final byte[] FIRST_SEQ = MessageJson.ascii(",\"first_seq\":");
  private static final byte[] EPOCH = MessageJson.ascii(",\"epoch\":");

  private JsonFormat() {}

  @Override
  public int messageSize(LoggedMessage message) {
    JsonOut count = JsonOut.counting();
    delivery(message, count);
    return whole(count.size());
  }

  @Override
  public void writeMessage(LoggedMessage message, ByteBuf out) {
    JsonOut count = JsonOut.counting();
    delivery(message, count);
    header(count.size(), out);
    delivery(message, JsonOut.into(out));
  }

  private static void delivery(LoggedMessage message, JsonOut out) {
    out.raw(DELIVERY);
    MessageJson.write(message.bytes(), out);
    out.raw('}');
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
    return whole(count(frame));
  }

  @Override
  public void write(ServerFrame frame, ByteBuf out) {
    header(count(frame), out);
    JsonWriter.write(frame, JsonOut.into(out));
  }

  private static int count(ServerFrame frame) {
    JsonOut count = JsonOut.counting();
    JsonWriter.write(frame, count);
    return count.size();
  }

  @Override
  public Encoded history(long requestId, LogSlice slice) {
    return new History(requestId, slice, fitting(slice));
  }

  /** How many of its messages fit a frame; at least one. */
  private static int fitting(LogSlice slice) {
    JsonOut count = JsonOut.counting();
    int fitting = 0;
    for (LoggedMessage message : slice.messages()) {
      MessageJson.write(message.bytes(), count);
      if (fitting > 0 && count.size() > Limits.MAX_OUTBOUND_FRAME_BYTES - 2_048) {
        break;
      }
      fitting++;
    }
    return fitting;
  }

  private static int whole(int payloadBytes) {
    return MessageHeader.size(payloadBytes) + payloadBytes;
  }

  private static void header(int payloadBytes, ByteBuf out) {
    MessageHeader.write(Opcode.TEXT, payloadBytes, out);
  }

  /** The answer to a {@code Fetch}, straight from the messages of the log. */
  private record History(long requestId, LogSlice slice, int messages) implements Encoded {
    @Override
    public int size() {
      return whole(payloadBytes());
    }

    @Override
    public void writeTo(ByteBuf out) {
      header(payloadBytes(), out);
      write(JsonOut.into(out));
    }

    private int payloadBytes() {
      JsonOut count = JsonOut.counting();
      write(count);
      return count.size();
    }

    private void write(JsonOut out) {
      out.raw(REQUEST_ID);
      out.number(requestId);
      out.raw(HISTORY);
      for (int i = 0; i < messages; i++) {
        if (i > 0) {
          out.raw(',');
        }
        MessageJson.write(slice.messages().get(i).bytes(), out);
      }
      out.raw(LAST_SEQ);
      out.number(slice.lastSeq());
      out.raw(FIRST_SEQ);
      out.number(slice.firstSeq());
      out.raw(EPOCH);
      out.number(slice.epoch());
      out.raw('}');
      out.raw('}');
    }
  }
}

package io.gochat.server.frame;

import com.google.protobuf.CodedOutputStream;
import io.gochat.protocol.History;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameHeader;
import io.gochat.server.command.AnswerFormat.Encoded;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The answer to a {@code Fetch}, written around the serialized messages of the log: a hundred of them are copied, not
 * parsed and serialized again. Immutable.
 */
final class HistoryFrame implements Encoded {
  /** {@code History.messages} and {@code ServerFrame.history}, length-delimited. */
  private static final int MESSAGES_TAG = (History.MESSAGES_FIELD_NUMBER << 3) | 2;

  private static final int HISTORY_TAG = (ServerFrame.HISTORY_FIELD_NUMBER << 3) | 2;

  private final byte[] requestIdField;
  private final byte[] boundsFields;
  private final LogSlice slice;
  private final int historyBytes;

  HistoryFrame(long requestId, LogSlice slice) {
    this.slice = slice;
    requestIdField = ServerFrame.newBuilder().setRequestId(requestId).build().toByteArray();
    boundsFields = History.newBuilder()
        .setLastSeq(slice.lastSeq())
        .setFirstSeq(slice.firstSeq())
        .setEpoch(slice.epoch())
        .build()
        .toByteArray();
    int bytes = boundsFields.length;
    for (LoggedMessage message : slice.messages()) {
      int length = message.bytes().length;
      bytes += 1 + CodedOutputStream.computeUInt32SizeNoTag(length) + length;
    }
    historyBytes = bytes;
  }

  /** With its header. */
  @Override
  public int size() {
    return FrameHeader.BYTES + length();
  }

  private int length() {
    return requestIdField.length
        + 1
        + CodedOutputStream.computeUInt32SizeNoTag(historyBytes)
        + historyBytes;
  }

  @Override
  public void writeTo(ByteBuf out) {
    int size = size();
    out.ensureWritable(size);
    int start = out.writerIndex();
    out.setInt(start, (FrameHeader.VERSION << 24) | length());
    try {
      CodedOutputStream coded = CodedOutputStream.newInstance(
          out.nioBuffer(start + FrameHeader.BYTES, size - FrameHeader.BYTES));
      coded.writeRawBytes(requestIdField);
      coded.writeUInt32NoTag(HISTORY_TAG);
      coded.writeUInt32NoTag(historyBytes);
      for (LoggedMessage message : slice.messages()) {
        coded.writeUInt32NoTag(MESSAGES_TAG);
        coded.writeUInt32NoTag(message.bytes().length);
        coded.writeRawBytes(message.bytes());
      }
      coded.writeRawBytes(boundsFields);
      coded.flush();
    } catch (IOException e) {
      // The size was computed above: a bug, not I/O.
      throw new UncheckedIOException(e);
    }
    out.writerIndex(start + size);
  }
}

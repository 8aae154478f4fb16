package io.gochat.protocol.frame;

import com.google.protobuf.CodedOutputStream;
import io.gochat.protocol.History;
import io.gochat.protocol.ServerFrame;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The {@code ServerFrame} that answers a {@code Fetch}, written around serialized messages: a hundred of them are copied,
 * not parsed and serialized again. Immutable by agreement: nobody writes to the arrays.
 */
public final class HistoryPayload {
  /** {@code History.messages} and {@code ServerFrame.history}, length-delimited. */
  private static final int MESSAGES_TAG = (History.MESSAGES_FIELD_NUMBER << 3) | 2;

  private static final int HISTORY_TAG = (ServerFrame.HISTORY_FIELD_NUMBER << 3) | 2;

  private final byte[] requestIdField;
  private final List<byte[]> messages;
  private final byte[] boundsFields;
  private final int historyBytes;

  /** The answer to {@code requestId} with these serialized messages; of {@code bounds} all but its messages counts. */
  public HistoryPayload(long requestId, List<byte[]> messages, History bounds) {
    this.messages = messages;
    requestIdField = ServerFrame.newBuilder().setRequestId(requestId).build().toByteArray();
    boundsFields = bounds.toByteArray();
    int bytes = boundsFields.length;
    for (byte[] message : messages) {
      bytes += 1 + CodedOutputStream.computeUInt32SizeNoTag(message.length) + message.length;
    }
    historyBytes = bytes;
  }

  /** The bytes that {@link #writeTo} appends. */
  public int size() {
    return requestIdField.length
        + 1
        + CodedOutputStream.computeUInt32SizeNoTag(historyBytes)
        + historyBytes;
  }

  /** Appends it to {@code out}, which stays the caller's. */
  public void writeTo(ByteBuf out) {
    out.ensureWritable(size());
    out.writeBytes(requestIdField);
    out.writeByte(HISTORY_TAG);
    Payloads.writeVarint(historyBytes, out);
    for (byte[] message : messages) {
      out.writeByte(MESSAGES_TAG);
      Payloads.writeVarint(message.length, out);
      out.writeBytes(message);
    }
    out.writeBytes(boundsFields);
  }
}

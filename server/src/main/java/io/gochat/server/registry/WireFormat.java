package io.gochat.server.registry;

import io.gochat.protocol.Member;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * How pushes look on the wire of one protocol; each method writes into the caller's buffer. Thread-safe: every event loop
 * calls it.
 *
 * <p>There is one object per format, because members whose {@link Connection#wireFormat()} is the same object share
 * framed bytes: what is written here is made once for all of them on an event loop, and sent as it is. So it is complete
 * (a WebSocket message with its header) and the same for everybody.
 */
public interface WireFormat {
  /** Exactly the bytes that {@link #writeMessage} will write. Asked up to twice per message. */
  int messageSize(LoggedMessage message);

  /** Appends the framed message to {@code out}. */
  void writeMessage(LoggedMessage message, ByteBuf out);

  /** Appends a gap: {@code [fromSeq, toSeq]} cannot be delivered any more; {@code fromSeq} 0: how much is not known. */
  void writeGap(Topic topic, long fromSeq, long toSeq, long epoch, ByteBuf out);

  /** Appends a coalesced change of a room's members; empty lists: only the count is told. */
  void writePresence(long roomId, int count, List<Member> joined, List<Member> left, ByteBuf out);
}

package io.gochat.server.http;

import com.google.protobuf.ByteString;
import io.gochat.protocol.Member;
import io.gochat.protocol.Message;
import io.gochat.server.registry.RoomPresence.Room;
import java.util.List;

/**
 * How many bytes an answer takes at most, before it is made: JSON may take six for one of a text. Stateless.
 */
final class JsonSize {
  /** Head, and what an answer has beside its list. */
  private static final int ANSWER_BYTES = 512;

  /** The keys of a message with their quotes, and eight numbers of 16 digits. */
  private static final int MESSAGE_BYTES = 320;

  private static final int MEMBER_BYTES = 32;
  private static final int ESCAPED_BYTES = 6;

  private JsonSize() {}

  /** A page of a topic's log. */
  static long ofHistory(List<Message> messages) {
    long bytes = ANSWER_BYTES;
    for (Message message : messages) {
      bytes += MESSAGE_BYTES
          + ofText(message.getTextBytes())
          + ofText(message.getToUserNameBytes())
          + ofText(message.getFromUserNameBytes());
    }
    return bytes;
  }

  /** Who is in a room. */
  static long ofRoomInfo(Room room) {
    long bytes = ANSWER_BYTES;
    for (Member member : room.members()) {
      bytes += MEMBER_BYTES + ofText(member.getUsernameBytes());
    }
    return bytes;
  }

  /** Its UTF-8 within quotes. */
  private static long ofText(ByteString utf8) {
    long bytes = utf8.size();
    for (int i = 0; i < utf8.size(); i++) {
      byte each = utf8.byteAt(i);
      if (each >= 0 && each < ' ') {
        bytes += ESCAPED_BYTES - 1;
      } else if (each == '"' || each == '\\') {
        bytes++;
      }
    }
    return bytes;
  }
}

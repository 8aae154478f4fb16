package io.gochat.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The numbers of the contract that were ever released: they may be added to, and never change, nor go. */
class ReleasedNumbersTest {
  private static final String RELEASED = """
      Ack.1 message
      Ack.2 uint64
      Ack.3 uint64
      ClientFrame.1 uint64
      ClientFrame.2 message
      ClientFrame.3 message
      ClientFrame.4 message
      ClientFrame.5 message
      ClientFrame.6 message
      ClientFrame.7 message
      ClientFrame.8 message
      ClientFrame.9 message
      Error.1 enum
      Error.2 string
      Error.3 uint32
      Error.4 bool
      ErrorCode.0 ERROR_CODE_UNSPECIFIED
      ErrorCode.1 UNKNOWN_COMMAND
      ErrorCode.10 INTERNAL
      ErrorCode.2 INVALID_ARGUMENT
      ErrorCode.3 TOKEN_INVALID
      ErrorCode.4 FORBIDDEN
      ErrorCode.5 RECIPIENT_UNKNOWN
      ErrorCode.6 CLIENT_MESSAGE_ID_REUSED
      ErrorCode.7 STORE_UNAVAILABLE
      ErrorCode.8 OVERLOADED
      ErrorCode.9 TOO_MANY
      Fetch.1 message
      Fetch.2 uint64
      Fetch.3 uint32
      Gap.1 message
      Gap.2 uint64
      Gap.3 uint64
      Gap.4 uint64
      GetRoomInfo.1 int64
      GoAway.1 enum
      GoAway.2 uint32
      GoAway.3 bool
      Hello.1 string
      Hello.2 string
      Hello.3 string
      Hello.4 repeated message
      History.1 repeated message
      History.2 uint64
      History.3 uint64
      History.4 uint64
      Join.1 int64
      Join.2 message
      Joined.1 message
      Joined.2 uint32
      Leave.1 int64
      Member.1 int64
      Member.2 string
      Message.1 int64
      Message.2 message
      Message.3 uint64
      Message.4 int64
      Message.5 string
      Message.6 string
      Message.7 string
      Message.8 int64
      Message.9 int64
      Position.1 message
      Position.2 uint64
      Position.3 uint64
      Position.4 int64
      Presence.1 int64
      Presence.2 uint32
      Presence.3 repeated message
      Presence.4 repeated message
      Publish.1 message
      Publish.2 string
      Publish.3 string
      Publish.4 string
      Published.1 int64
      Published.2 uint64
      Published.3 bool
      Reason.0 REASON_UNSPECIFIED
      Reason.1 DRAIN
      Reason.2 REVOKED
      Reason.3 EXPIRED
      Reason.4 REPLACED
      Reason.5 IDLE
      Reason.6 PROTOCOL_ERROR
      Reason.7 OVERLOAD
      Resumed.1 message
      Resumed.2 uint64
      Resumed.3 uint64
      Resumed.4 bool
      Resumed.5 uint64
      RoomInfo.1 int64
      RoomInfo.2 uint32
      RoomInfo.3 repeated message
      ServerFrame.1 uint64
      ServerFrame.10 message
      ServerFrame.11 message
      ServerFrame.12 message
      ServerFrame.13 message
      ServerFrame.2 message
      ServerFrame.3 message
      ServerFrame.4 message
      ServerFrame.5 message
      ServerFrame.6 message
      ServerFrame.7 message
      ServerFrame.8 message
      ServerFrame.9 message
      Topic.1 int64
      Topic.2 int64
      Welcome.1 int64
      Welcome.2 string
      Welcome.3 uint32
      Welcome.4 uint32
      Welcome.5 repeated message
      Welcome.6 string
      """;

  @Test
  void every_released_number_means_what_it_always_meant() {
    Set<String> now = new TreeSet<>();
    for (Descriptor message : Gochat.getDescriptor().getMessageTypes()) {
      collect(message, now);
    }
    Gochat.getDescriptor().getEnumTypes().forEach(each -> collect(each, now));

    assertThat(now).containsAll(RELEASED.lines().map(String::strip).toList());
  }

  private static void collect(Descriptor message, Set<String> into) {
    for (FieldDescriptor field : message.getFields()) {
      String repeated = field.isRepeated() ? "repeated " : "";
      into.add(message.getName() + "." + field.getNumber() + " " + repeated
          + field.getType().name().toLowerCase(Locale.ROOT));
    }
    message.getEnumTypes().forEach(each -> collect(each, into));
  }

  private static void collect(EnumDescriptor of, Set<String> into) {
    for (EnumValueDescriptor value : of.getValues()) {
      into.add(of.getName() + "." + value.getNumber() + " " + value.getName());
    }
  }
}

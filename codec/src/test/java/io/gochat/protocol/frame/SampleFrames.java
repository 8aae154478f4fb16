package io.gochat.protocol.frame;

import io.gochat.protocol.Ack;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Done;
import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.Gap;
import io.gochat.protocol.GetRoomInfo;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Hello;
import io.gochat.protocol.History;
import io.gochat.protocol.Join;
import io.gochat.protocol.Joined;
import io.gochat.protocol.Leave;
import io.gochat.protocol.Member;
import io.gochat.protocol.Message;
import io.gochat.protocol.Ping;
import io.gochat.protocol.Pong;
import io.gochat.protocol.Position;
import io.gochat.protocol.Presence;
import io.gochat.protocol.Publish;
import io.gochat.protocol.Published;
import io.gochat.protocol.Resumed;
import io.gochat.protocol.RoomInfo;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.Welcome;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** One frame of each command and event, under the names that PROTOCOL.md gives its hex blocks. */
final class SampleFrames {
  static final Topic ROOM_7 = Topic.newBuilder().setRoomId(7).build();
  static final Topic INBOX_42 = Topic.newBuilder().setUserId(42).build();

  static final Message MESSAGE = Message.newBuilder()
      .setMessageId(1001)
      .setTopic(ROOM_7)
      .setSeq(3)
      .setFromUserId(42)
      .setFromUserName("alice")
      .setText("hi ☺")
      .setCreatedAtMs(1_700_000_000_000L)
      .build();

  private static final Resumed INBOX_RESUMED = Resumed.newBuilder()
      .setTopic(INBOX_42)
      .setEpoch(9)
      .setSeq(5)
      .setRecovered(true)
      .setNextSeq(6)
      .build();

  private SampleFrames() {}

  static ClientFrame command(String name) {
    return Objects.requireNonNull(commands().get(name), name);
  }

  static ServerFrame event(String name) {
    return Objects.requireNonNull(events().get(name), name);
  }

  /** Commands, by name. */
  static Map<String, ClientFrame> commands() {
    Map<String, ClientFrame> frames = new LinkedHashMap<>();
    frames.put(
        "Hello",
        command(1)
            .setHello(Hello.newBuilder()
                .setToken("tok")
                .setDeviceId("d1")
                .setClient("doc/1")
                .addResume(Position.newBuilder().setTopic(INBOX_42).setEpoch(9).setSeq(5)))
            .build());
    frames.put(
        "Join",
        command(2)
            .setJoin(Join.newBuilder()
                .setRoomId(7)
                .setFrom(Position.newBuilder()
                    .setTopic(ROOM_7)
                    .setEpoch(9)
                    .setSeq(2)
                    .setMessageId(1000)))
            .build());
    frames.put("Leave", command(3).setLeave(Leave.newBuilder().setRoomId(7)).build());
    frames.put(
        "Publish",
        command(4)
            .setPublish(
                Publish.newBuilder().setTopic(ROOM_7).setText("hi ☺").setClientMessageId("c-1"))
            .build());
    frames.put(
        "Ack",
        command(5)
            .setAck(Ack.newBuilder().setTopic(INBOX_42).setSeq(6).setEpoch(9))
            .build());
    frames.put(
        "Fetch",
        command(6)
            .setFetch(Fetch.newBuilder().setTopic(ROOM_7).setAfterSeq(2).setLimit(50))
            .build());
    frames.put(
        "GetRoomInfo",
        command(300).setGetRoomInfo(GetRoomInfo.newBuilder().setRoomId(7)).build());
    frames.put("Ping", command(0).setPing(Ping.getDefaultInstance()).build());
    return frames;
  }

  /** Events, by name. */
  static Map<String, ServerFrame> events() {
    Map<String, ServerFrame> frames = new LinkedHashMap<>();
    frames.put(
        "Welcome",
        event(1)
            .setWelcome(Welcome.newBuilder()
                .setUserId(42)
                .setUsername("alice")
                .setHeartbeatMs(30_000)
                .setMaxFrameBytes(65_536)
                .addResumed(INBOX_RESUMED)
                .setNode("n1"))
            .build());
    frames.put(
        "Joined",
        event(2)
            .setJoined(Joined.newBuilder()
                .setResumed(Resumed.newBuilder()
                    .setTopic(ROOM_7)
                    .setEpoch(9)
                    .setSeq(3)
                    .setRecovered(true)
                    .setNextSeq(3))
                .setMemberCount(2))
            .build());
    frames.put("Done", event(3).setDone(Done.getDefaultInstance()).build());
    frames.put(
        "Published",
        event(4)
            .setPublished(Published.newBuilder().setMessageId(1001).setSeq(3))
            .build());
    frames.put("Delivery", event(0).setDelivery(MESSAGE).build());
    frames.put(
        "History",
        event(6)
            .setHistory(History.newBuilder()
                .addMessages(MESSAGE)
                .setLastSeq(3)
                .setFirstSeq(1)
                .setEpoch(9))
            .build());
    frames.put(
        "RoomInfo",
        event(300)
            .setRoomInfo(
                RoomInfo.newBuilder().setRoomId(7).setCount(1).addMembers(member(42, "alice")))
            .build());
    frames.put("Pong", event(0).setPong(Pong.getDefaultInstance()).build());
    frames.put(
        "Error",
        event(4)
            .setError(Error.newBuilder()
                .setCode(ErrorCode.OVERLOADED)
                .setMessage("busy")
                .setRetryAfterMs(1000))
            .build());
    frames.put(
        "GoAway",
        event(0)
            .setGoAway(GoAway.newBuilder().setReason(GoAway.Reason.DRAIN).setReconnectAfterMs(250))
            .build());
    frames.put(
        "Gap",
        event(0)
            .setGap(Gap.newBuilder().setTopic(ROOM_7).setFromSeq(4).setToSeq(9).setEpoch(9))
            .build());
    frames.put(
        "Presence",
        event(0)
            .setPresence(Presence.newBuilder()
                .setRoomId(7)
                .setCount(2)
                .addJoined(member(43, "bob"))
                .addLeft(member(44, "eve")))
            .build());
    return frames;
  }

  private static Member.Builder member(long id, String name) {
    return Member.newBuilder().setUserId(id).setUsername(name);
  }

  private static ClientFrame.Builder command(long requestId) {
    return ClientFrame.newBuilder().setRequestId(requestId);
  }

  private static ServerFrame.Builder event(long requestId) {
    return ServerFrame.newBuilder().setRequestId(requestId);
  }
}

package io.gochat.client;

import static io.gochat.client.ScriptedServer.EPOCH;
import static io.gochat.client.ScriptedServer.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.client.ScriptedServer.Peer;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ClientFrame.CommandCase;
import io.gochat.protocol.Joined;
import io.gochat.protocol.Member;
import io.gochat.protocol.Presence;
import io.gochat.protocol.ServerFrame;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What reaches the application of what arrives, duplicates, holes and new epochs included. */
final class DeliveryTest extends ScriptedDialogue {
  private static final Topic INBOX = Topic.user(USER);
  private static final Topic ROOM = Topic.room(5);

  @Test
  void the_inbox_is_delivered_from_the_welcome_on() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();

    peer.deliver(INBOX, 1, 901, "one");
    peer.deliver(INBOX, 2, 902, "two");

    recorder.awaitMessages(2);
    assertThat(recorder.texts()).containsExactly("one", "two");
    assertThat(recorder.messages().get(1).position()).isEqualTo(new Position(EPOCH, 2, 902));
    assertThat(recorder.phases())
        .containsExactly(ConnectionState.Phase.CONNECTING, ConnectionState.Phase.CONNECTED);
  }

  @Test
  void duplicates_on_the_wire_are_dropped() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();

    for (int seq : new int[] {1, 1, 2, 1, 2, 3}) {
      peer.deliver(INBOX, seq, 900 + seq, "m" + seq);
    }

    recorder.awaitMessages(3);
    assertThat(recorder.story()).containsExactly("m1", "m2", "m3");
  }

  @Test
  void a_reconnect_resumes_the_inbox_and_the_rooms_from_what_was_taken() throws Exception {
    client.connect();
    Peer first = server.acceptAndWelcome();
    var joined = client.join(5);
    first.join(11);
    assertThat(joined.get(30, TimeUnit.SECONDS)).isEqualTo(new JoinedRoom(5, 1, 11, true));
    first.deliver(INBOX, 1, 901, "i1");
    first.deliver(ROOM, 11, 911, "r11");
    recorder.awaitMessages(2);

    first.close();
    Peer second = server.accept();
    ClientFrame hello = second.welcome();
    second.deliver(ROOM, 11, 911, "r11");
    second.deliver(ROOM, 12, 912, "r12");
    second.deliver(INBOX, 2, 902, "i2");

    assertThat(hello.getHello().getResumeList())
        .containsExactlyInAnyOrder(
            Wire.position(INBOX, new Position(EPOCH, 1, 901)),
            Wire.position(ROOM, new Position(EPOCH, 11, 911)));
    recorder.awaitMessages(4);
    assertThat(recorder.story()).containsExactlyInAnyOrder("i1", "r11", "r12", "i2");
    assertThat(recorder.phases()).contains(ConnectionState.Phase.RECOVERING);
  }

  @Test
  void a_room_where_nothing_was_said_yet_is_resumed_from_its_start() throws Exception {
    client.connect();
    Peer first = server.acceptAndWelcome();
    var joined = client.join(5);
    first.join(11);
    joined.get(30, TimeUnit.SECONDS);

    first.close();
    ClientFrame hello = server.accept().welcome();

    assertThat(hello.getHello().getResumeList())
        .contains(Wire.position(ROOM, new Position(EPOCH, 10, 0)));
  }

  @Test
  void a_room_that_the_welcome_leaves_out_is_joined_again_by_command() throws Exception {
    client.connect();
    Peer first = server.acceptAndWelcome();
    var joined = client.join(5);
    first.join(11);
    joined.get(30, TimeUnit.SECONDS);
    first.deliver(ROOM, 11, 911, "r11");
    recorder.awaitMessages(1);

    first.close();
    Peer second = server.accept();
    ClientFrame hello = second.expect(CommandCase.HELLO);
    second.welcome(hello, List.of(ScriptedServer.resumed(INBOX, EPOCH, 1, true).build()));
    ClientFrame refused = second.expect(CommandCase.JOIN);
    second.error(refused, io.gochat.protocol.ErrorCode.TOO_MANY, 5, false);
    ClientFrame join = second.join(12);
    second.deliver(ROOM, 12, 912, "r12");

    assertThat(join.getJoin().getFrom())
        .isEqualTo(Wire.position(ROOM, new Position(EPOCH, 11, 911)));
    recorder.awaitMessages(2);
    assertThat(recorder.story()).containsExactly("r11", "r12");
  }

  @Test
  void a_changed_epoch_is_told_in_its_place_and_old_numbers_are_new_messages() throws Exception {
    client.connect();
    Peer first = server.acceptAndWelcome();
    first.deliver(INBOX, 1, 901, "one");
    first.deliver(INBOX, 2, 902, "two");
    recorder.awaitMessages(2);

    first.close();
    Peer second = server.accept();
    ClientFrame hello = second.expect(CommandCase.HELLO);
    second.welcome(hello, List.of(ScriptedServer.resumed(INBOX, 2_000, 2, false).build()));
    second.gap(INBOX, 0, 1, 2_000);
    second.deliver(INBOX, 2, 777, "another two");

    recorder.awaitMessages(3);
    assertThat(recorder.story()).containsExactly("one", "two", "0-1", "another two");
    assertThat(recorder.gaps()).containsExactly(new Gap(INBOX, 0, 1, 2_000, true));
    assertThat(recorder.messages().get(2).epoch()).isEqualTo(2_000);
  }

  @Test
  void a_sequence_used_again_without_a_word_is_not_taken_for_a_duplicate() throws Exception {
    client.connect();
    Peer first = server.acceptAndWelcome();
    first.deliver(INBOX, 1, 901, "one");
    first.deliver(INBOX, 2, 902, "two");
    recorder.awaitMessages(2);

    first.deliver(INBOX, 2, 777, "another two");

    recorder.awaitMessages(3);
    assertThat(recorder.story()).containsExactly("one", "two", "0-1", "another two");
    assertThat(recorder.gaps().get(0).epochChanged()).isTrue();
  }

  @Test
  void a_gap_of_retention_is_told_in_its_place() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();

    peer.deliver(INBOX, 1, 901, "one");
    peer.gap(INBOX, 2, 9, EPOCH);
    peer.gap(INBOX, 2, 9, EPOCH);
    peer.deliver(INBOX, 10, 910, "ten");

    recorder.awaitMessages(2);
    assertThat(recorder.story()).containsExactly("one", "2-9", "ten");
    assertThat(recorder.gaps().get(0).epochChanged()).isFalse();
  }

  @Test
  void a_hole_on_the_wire_is_filled_by_resuming() throws Exception {
    client.connect();
    Peer first = server.acceptAndWelcome();
    first.deliver(INBOX, 1, 901, "one");
    first.deliver(INBOX, 3, 903, "three");

    Peer second = server.accept();
    ClientFrame hello = second.welcome();
    second.deliver(INBOX, 2, 902, "two");
    second.deliver(INBOX, 3, 903, "three");

    assertThat(hello.getHello().getResume(0).getSeq()).isEqualTo(1);
    recorder.awaitMessages(3);
    assertThat(recorder.story()).containsExactly("one", "two", "three");
  }

  @Test
  void a_hole_that_stays_is_told_as_a_gap() throws Exception {
    client.connect();
    Peer first = server.acceptAndWelcome();
    first.deliver(INBOX, 1, 901, "one");
    first.deliver(INBOX, 3, 903, "three");

    Peer second = server.acceptAndWelcome();
    second.deliver(INBOX, 3, 903, "three");

    recorder.awaitMessages(2);
    assertThat(recorder.story()).containsExactly("one", "2-2", "three");
  }

  @Test
  void nothing_of_a_room_is_handed_over_after_it_was_left() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();
    var joined = client.join(5);
    peer.join(1);
    joined.get(30, TimeUnit.SECONDS);
    peer.deliver(ROOM, 1, 901, "before");
    recorder.awaitMessages(1);

    var left = client.leave(5);
    ClientFrame leave = peer.expect(CommandCase.LEAVE);
    peer.deliver(ROOM, 2, 902, "between");
    peer.send(ServerFrame.newBuilder()
        .setRequestId(leave.getRequestId())
        .setDone(io.gochat.protocol.Done.getDefaultInstance()));
    left.get(30, TimeUnit.SECONDS);
    peer.deliver(INBOX, 1, 903, "after");

    recorder.awaitMessages(2);
    assertThat(recorder.story()).containsExactly("before", "after");
  }

  @Test
  void what_arrives_between_a_new_join_and_its_answer_belongs_to_the_old_one() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();
    var joined = client.join(5);
    peer.join(10);
    joined.get(30, TimeUnit.SECONDS);
    peer.deliver(ROOM, 10, 910, "ten");
    recorder.awaitMessages(1);

    var again = client.join(5, Position.BEGINNING);
    ClientFrame join = peer.expect(CommandCase.JOIN);
    peer.deliver(ROOM, 11, 911, "eleven");
    peer.send(ServerFrame.newBuilder()
        .setRequestId(join.getRequestId())
        .setJoined(Joined.newBuilder().setResumed(ScriptedServer.resumed(ROOM, EPOCH, 9, false))));
    peer.gap(ROOM, 1, 8, EPOCH);
    again.get(30, TimeUnit.SECONDS);
    for (int seq = 9; seq <= 11; seq++) {
      peer.deliver(ROOM, seq, 900 + seq, "m" + seq);
    }

    assertThat(join.getJoin().getFrom()).isEqualTo(Wire.position(ROOM, Position.BEGINNING));
    recorder.awaitMessages(4);
    assertThat(recorder.story()).containsExactly("ten", "1-8", "m9", "m10", "m11");
  }

  @Test
  void presence_reaches_its_listener_for_joined_rooms_only() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();
    var joined = client.join(5);
    peer.join(1);
    joined.get(30, TimeUnit.SECONDS);

    Member alice = Member.newBuilder().setUserId(9).setUsername("alice").build();
    peer.send(
        ServerFrame.newBuilder().setPresence(Presence.newBuilder().setRoomId(6).setCount(9)));
    peer.send(ServerFrame.newBuilder()
        .setPresence(Presence.newBuilder().setRoomId(5).setCount(2).addJoined(alice)));

    var expected = new io.gochat.client.Presence(
        5, 2, List.of(new io.gochat.client.Member(9, "alice")), List.of());
    recorder.awaitEvent(expected::equals);
    assertThat(recorder.events())
        .filteredOn(io.gochat.client.Presence.class::isInstance)
        .hasSize(1);
  }

  @Test
  void frames_and_events_of_a_newer_server_are_ignored() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();

    // Field 90 of ServerFrame, then a message.
    peer.sendBytes(new byte[] {1, 0, 0, 3, (byte) 0xD0, 5, 1});
    peer.deliver(INBOX, 1, 901, "one");

    recorder.awaitMessages(1);
    await().until(() -> client.state().phase() == ConnectionState.Phase.CONNECTED);
  }
}

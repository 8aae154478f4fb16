package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.client.ConnectionState.Phase;
import io.gochat.client.ScriptedServer.Peer;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ClientFrame.CommandCase;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.GoAway.Reason;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What ends a client, and what it survives. */
final class ReconnectTest extends ScriptedDialogue {
  @Test
  void it_comes_back_as_often_as_it_is_cut() throws Exception {
    client.connect();

    for (int i = 0; i < 20; i++) {
      server.acceptAndWelcome().close();
    }

    server.acceptAndWelcome();
    recorder.awaitEvent(e -> client.state().phase() == Phase.CONNECTED);
    assertThat(recorder.phases()).doesNotContain(Phase.CLOSED).contains(Phase.RECOVERING);
  }

  @ParameterizedTest
  @CsvSource({
    "REVOKED, true, REVOKED",
    "EXPIRED, true, EXPIRED",
    "REPLACED, true, REPLACED",
    "PROTOCOL_ERROR, true, PROTOCOL_ERROR",
    "OVERLOAD, true, REFUSED",
    "REASON_UNSPECIFIED, true, REFUSED"
  })
  void a_final_goodbye_closes_with_its_reason(Reason said, boolean isFinal, CloseReason expected)
      throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();
    var pending = client.publish(Topic.room(5), "unanswered");
    peer.expect(CommandCase.PUBLISH);

    peer.goAway(said, 0, isFinal);
    peer.close();

    recorder.awaitPhase(Phase.CLOSED);
    assertThat(client.state().closeReason()).contains(expected);
    assertThatThrownBy(() -> pending.get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(ChatException.class, e -> {
          assertThat(e.closeReason()).contains(expected);
          assertThat(e.retryable()).isFalse();
        });
    assertThat(server.isVisitedWithin(200)).isFalse();
    assertThatThrownBy(() -> client.publish(Topic.room(5), "late").get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(ChatException.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = Reason.class,
      names = {"DRAIN", "IDLE", "OVERLOAD"})
  void any_other_goodbye_is_survived(Reason said) throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();

    peer.goAway(said, 0, false);

    server.acceptAndWelcome();
    assertThat(recorder.phases()).doesNotContain(Phase.CLOSED);
  }

  @Test
  void the_server_s_delay_is_kept() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();

    long saidNs = System.nanoTime();
    peer.goAway(Reason.DRAIN, 300, false);
    peer.close();
    server.acceptAndWelcome();

    assertThat(Duration.ofNanos(System.nanoTime() - saidNs))
        .isGreaterThanOrEqualTo(Duration.ofMillis(295));
  }

  @Test
  void after_a_goodbye_nothing_new_is_sent_and_what_was_sent_is_answered() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();
    var accepted = client.publish(Topic.room(5), "accepted");
    ClientFrame publish = peer.expect(CommandCase.PUBLISH);

    peer.goAway(Reason.DRAIN, 0, false);
    recorder.awaitEvent(e -> e instanceof ConnectionState s && s.phase() == Phase.CONNECTED);
    var later = client.publish(Topic.room(6), "later");
    peer.published(publish, 1, false);

    assertThat(accepted.get(30, TimeUnit.SECONDS).seq()).isEqualTo(1);
    Peer next = server.acceptAndWelcome();
    ClientFrame second = next.expect(CommandCase.PUBLISH);
    assertThat(second.getPublish().getText()).isEqualTo("later");
    next.published(second, 1, false);
    later.get(30, TimeUnit.SECONDS);
  }

  @Test
  void a_token_that_is_not_accepted_closes() throws Exception {
    var connected = client.connect();
    Peer peer = server.accept();

    peer.error(peer.expect(CommandCase.HELLO), ErrorCode.TOKEN_INVALID, 0, true);
    peer.close();

    assertThatThrownBy(() -> connected.get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, e -> assertThat(e.failure()).isEqualTo(Failure.TOKEN_INVALID));
    assertThat(client.state().closeReason()).contains(CloseReason.TOKEN_INVALID);
    assertThat(server.isVisitedWithin(200)).isFalse();
  }

  @Test
  void a_full_server_is_tried_again_when_it_says() throws Exception {
    client.connect();
    Peer full = server.accept();

    full.error(full.expect(CommandCase.HELLO), ErrorCode.OVERLOADED, 100, true);
    full.close();

    server.acceptAndWelcome();
    assertThat(recorder.phases()).doesNotContain(Phase.CLOSED);
  }

  @Test
  void a_server_that_speaks_something_else_closes_as_a_protocol_error() throws Exception {
    client.connect();
    Peer peer = server.accept();

    peer.sendBytes("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

    recorder.awaitPhase(Phase.CLOSED);
    assertThat(client.state().closeReason()).contains(CloseReason.PROTOCOL_ERROR);
  }

  @Test
  void garbage_after_a_welcome_is_an_accident_on_the_way() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();

    peer.sendBytes(new byte[] {9, 9, 9, 9});

    server.acceptAndWelcome();
    assertThat(recorder.phases()).doesNotContain(Phase.CLOSED);
  }

  @Test
  void a_server_that_accepts_and_says_nothing_is_left() throws Exception {
    try (ChatClient impatient = ChatClient.create(
        server.options().handshakeTimeout(Duration.ofMillis(100)).build())) {
      impatient.connect();
      server.accept().expect(CommandCase.HELLO);

      server.acceptAndWelcome();
    }
  }

  @Test
  void a_silent_server_is_pinged_and_then_left() throws Exception {
    try (ChatClient nervous =
        ChatClient.create(server.options().heartbeat(Duration.ofMillis(100)).build())) {
      nervous.connect();
      Peer peer = server.acceptAndWelcome();

      assertThat(peer.readAny().getCommandCase()).isEqualTo(CommandCase.PING);
      assertThat(peer.isClosedByClient()).isTrue();
      server.acceptAndWelcome();
    }
  }

  @Test
  void connecting_can_have_a_deadline() throws Exception {
    int nobody;
    try (ServerSocket reserved = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = reserved.getLocalPort();
    }
    try (ChatClient hopeless = ChatClient.create(
        server.options().port(nobody).connectDeadline(Duration.ofMillis(200)).build())) {
      var connected = hopeless.connect();

      assertThatThrownBy(() -> connected.get(30, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              ChatException.class, e -> assertThat(e.failure()).isEqualTo(Failure.UNREACHABLE));
      assertThat(hopeless.state().closeReason()).contains(CloseReason.UNREACHABLE);
    }
  }

  @Test
  void without_a_deadline_it_waits_for_the_server_to_come() throws Exception {
    server.close();
    client.connect();
    recorder.awaitPhase(Phase.CONNECTING);

    try (ServerSocket late =
        new ServerSocket(server.port(), 16, InetAddress.getLoopbackAddress())) {
      late.setSoTimeout(30_000);
      Peer peer = new Peer(late.accept());
      peer.welcome();
      recorder.awaitPhase(Phase.CONNECTED);
      peer.close();
      client.close();
    }
  }
}

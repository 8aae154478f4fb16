package io.gochat.server;

import static io.gochat.server.TlsServer.answer;
import static io.gochat.server.TlsServer.get;
import static io.gochat.server.TlsServer.post;
import static io.gochat.server.TlsServer.readAll;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.GoAway;
import io.gochat.protocol.Join;
import io.gochat.server.TlsServer.Wire;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.websocket.RawWebSocket;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS on the port of a whole server, with real sockets: what is in it, and how it ends. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class TlsTest {
  private static final String FROM_AFAR = "PROXY TCP4 203.0.113.7 10.0.0.1 56324 8080\r\n";
  private static final String GET_HEALTH = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";

  @TempDir
  private Path directory;

  @AutoClose
  private TlsServer server;

  @BeforeEach
  void open() {
    server = new TlsServer(directory);
  }

  // ---- what is in it

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void http_and_frames_go_through_tls_and_nothing_of_them_is_on_the_wire(String provider)
      throws Exception {
    server.start("--tls-provider=" + provider);
    Wire wire = server.wire(false);
    FrameTestClient frames = FrameTestClient.on(server.tls(TlsServer.TRUSTING, wire));
    String token = server.login("alice");

    frames.hello(token);
    frames.join(7);
    for (int i = 0; i < 50; i++) {
      String text = "a text that nobody else may read " + i;
      assertThat(frames.publish(FrameTestClient.room(7), text).hasPublished()).isTrue();
      assertThat(frames.delivery().getText()).isEqualTo(text);
    }
    post(
        server.tls(),
        "/push/pushRoom",
        "{\"token\":\"" + token + "\",\"room_id\":7,\"msg\":\"by http\"}");

    assertThat(frames.delivery().getText()).isEqualTo("by http");
    assertThat(wire.received()).doesNotContain("a text that nobody", "by http", "alice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void websocket_goes_through_tls_and_nothing_of_it_is_on_the_wire(String provider)
      throws Exception {
    server.start("--tls-provider=" + provider);
    Wire wire = server.wire(false);
    String token = server.login("alice");

    RawWebSocket socket = RawWebSocket.on(server.tls(TlsServer.TRUSTING, wire), "gochat.v1.json");
    socket.text("{\"request_id\":1,\"hello\":{\"token\":\"" + token + "\"}}");
    assertThat(socket.nextText()).startsWith("{\"request_id\":1,\"welcome\":");
    socket.text("{\"request_id\":2,\"join\":{\"room_id\":7}}");
    assertThat(socket.nextText()).startsWith("{\"request_id\":2,\"joined\":");
    for (int i = 0; i < 50; i++) {
      post(
          server.tls(),
          "/push/pushRoom",
          "{\"token\":\"" + token + "\",\"room_id\":7,\"msg\":\"a text for nobody else " + i
              + "\"}");
      assertThat(socket.nextText()).contains("\"delivery\":", "a text for nobody else " + i);
    }
    post(server.tls(), "/user/logout", "{\"token\":\"" + token + "\"}");

    assertThat(socket.goodbye().closeCode()).isEqualTo(4_500 + GoAway.Reason.REVOKED.getNumber());
    assertThat(wire.received()).doesNotContain("a text for nobody", "welcome", "alice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void large_answers_and_many_in_a_row_come_whole_and_in_order(String provider) throws Exception {
    server.start("--tls-provider=" + provider);
    FrameTestClient frames = FrameTestClient.on(server.tls());
    frames.hello(server.login("alice"));
    String text = "x".repeat(16_000);

    for (int i = 0; i < 100; i++) {
      frames.publish(FrameTestClient.room(7), i + text);
    }
    var history = frames.fetch(FrameTestClient.room(7), 0, 50).getHistory();
    frames.join(Join.newBuilder()
        .setRoomId(7)
        .setFrom(FrameTestClient.position(FrameTestClient.room(7), 0, 0)));

    assertThat(history.getMessagesCount()).isEqualTo(50);
    for (int i = 0; i < 100; i++) {
      assertThat(frames.delivery().getText()).isEqualTo(i + text);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void the_handshake_may_come_byte_by_byte(String provider) throws Exception {
    server.start("--tls-provider=" + provider);

    Socket socket = server.tls(TlsServer.TRUSTING, server.wire(true));

    assertThat(get(socket, "/healthz")).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void alpn_chooses_http_1_and_lets_in_who_knows_only_http_2(String provider) throws Exception {
    server.start("--tls-provider=" + provider);

    assertThat(alpn("h2", "http/1.1")).isEqualTo("http/1.1");
    assertThat(alpn("h2")).isEmpty();
    assertThat(alpn()).isEmpty();
  }

  private String alpn(String... offered) throws IOException {
    SSLSocket socket = server.tls();
    var parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(offered);
    socket.setSSLParameters(parameters);
    assertThat(get(socket, "/healthz")).startsWith("HTTP/1.1 200");
    return socket.getApplicationProtocol();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void a_proxy_header_stands_in_front_of_tls_and_means_nothing_within(String provider)
      throws Exception {
    server.start("--tls-provider=" + provider, "--trusted-proxies=127.0.0.0/8,::1");
    Wire inFront = server.wire(false);
    inFront.getOutputStream().write(FROM_AFAR.getBytes(UTF_8));

    assertThat(get(server.tls(TlsServer.TRUSTING, inFront), "/healthz")).startsWith("HTTP/1.1 200");
    assertThat(answer(server.tls(), FROM_AFAR))
        .startsWith("HTTP/1.1 400")
        .contains("not an HTTP request");
  }

  @Test
  void tls_within_tls_is_garbage() throws Exception {
    server.start();
    SSLSocket outer = server.tls();

    assertThatThrownBy(() -> server.tls(TlsServer.TRUSTING, outer).startHandshake())
        .isInstanceOf(IOException.class);
    server.assertServes();
  }

  // ---- how it ends

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void the_last_answer_is_followed_by_close_notify(String provider) throws Exception {
    server.start("--tls-provider=" + provider);
    SSLSocket socket = server.tls();

    String answer = answer(socket, GET_HEALTH + "Connection: close\r\n\r\n");

    // Without close_notify the JDK would have thrown at the end of the stream.
    assertThat(answer).startsWith("HTTP/1.1 200").endsWith("{\"code\":200}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void a_frame_goodbye_is_read_whole_and_followed_by_close_notify(String provider)
      throws Exception {
    server.start("--tls-provider=" + provider);
    FrameTestClient frames = FrameTestClient.on(server.tls());

    frames.sendBytes((byte) 1, (byte) 0, (byte) 0, (byte) 1, (byte) 0xFF);

    assertThat(frames.goodbye().getReason()).isEqualTo(GoAway.Reason.PROTOCOL_ERROR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void who_leaves_without_a_word_is_forgotten(String provider) throws Exception {
    server.start("--tls-provider=" + provider);
    FrameTestClient stays = FrameTestClient.on(server.tls());
    stays.hello(server.login("alice"));
    Wire wire = server.wire(false);
    FrameTestClient leaves = FrameTestClient.on(server.tls(TlsServer.TRUSTING, wire));
    leaves.hello(server.login("bob"));
    leaves.join(7);
    stays.join(7);
    await().atMost(Duration.ofSeconds(30)).until(() -> membersOf(stays, 7) == 2);

    wire.close(); // no close_notify

    await().atMost(Duration.ofSeconds(30)).until(() -> membersOf(stays, 7) == 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void close_notify_ends_a_frame_connection_although_the_socket_stays_open(String provider)
      throws Exception {
    server.start("--tls-provider=" + provider);
    SSLSocket socket = server.tls();
    FrameTestClient frames = FrameTestClient.on(socket);
    frames.hello(server.login("alice"));

    socket.shutdownOutput();

    frames.rest(); // up to the end, which the server makes
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void a_request_followed_by_the_clients_end_is_answered(String provider) throws Exception {
    server.start("--tls-provider=" + provider);
    SSLSocket socket = server.tls();
    socket.startHandshake();
    Wire wire = server.wire(false);
    SSLSocket cut = server.tls(TlsServer.TRUSTING, wire);
    cut.startHandshake();

    cut.getOutputStream().write((GET_HEALTH + "\r\n").getBytes(UTF_8));
    wire.shutdownOutput(); // FIN without close_notify

    assertThat(readAll(cut)).startsWith("HTTP/1.1 200");
  }

  private static long membersOf(FrameTestClient client, long room) {
    return client.roomInfo(room).getRoomInfo().getCount();
  }
}

package io.gochat.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.GoAway;
import io.gochat.protocol.Join;
import io.gochat.server.config.ConfigException;
import io.gochat.server.config.ServerFlags;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.websocket.RawWebSocket;
import io.gochat.testing.TestCertificates;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS on the port of a whole server, with real sockets: what is in it, who may do without, and who is refused how. */
@Timeout(120)
class TlsTest {
  private static final int TIMEOUT_MS = 30_000;
  private static final String FROM_AFAR = "PROXY TCP4 203.0.113.7 10.0.0.1 56324 8080\r\n";
  private static final String GET_HEALTH = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";

  private static final TestCertificates AUTHORITY = new TestCertificates();
  private static final X509Bundle PAIR = AUTHORITY.server();
  private static final SSLContext TRUSTING = AUTHORITY.context(null);

  @TempDir
  private Path directory;

  private final List<Socket> sockets = new ArrayList<>();
  private @Nullable Server server;

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    if (server != null) {
      server.close();
    }
  }

  // ---- what is in it

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void http_and_frames_go_through_tls_and_nothing_of_them_is_on_the_wire(String provider)
      throws Exception {
    start("--tls-provider=" + provider);
    Wire wire = wire(false);
    FrameTestClient frames = FrameTestClient.on(tls(TRUSTING, wire));
    String token = login("alice");

    frames.hello(token);
    frames.join(7);
    for (int i = 0; i < 50; i++) {
      String text = "a text that nobody else may read " + i;
      assertThat(frames.publish(FrameTestClient.room(7), text).hasPublished()).isTrue();
      assertThat(frames.delivery().getText()).isEqualTo(text);
    }
    post(
        tls(), "/push/pushRoom", "{\"token\":\"" + token + "\",\"room_id\":7,\"msg\":\"by http\"}");

    assertThat(frames.delivery().getText()).isEqualTo("by http");
    assertThat(wire.received()).doesNotContain("a text that nobody", "by http", "alice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void websocket_goes_through_tls_and_nothing_of_it_is_on_the_wire(String provider)
      throws Exception {
    start("--tls-provider=" + provider);
    Wire wire = wire(false);
    String token = login("alice");

    RawWebSocket socket = RawWebSocket.on(tls(TRUSTING, wire), "gochat.v1.json");
    socket.text("{\"request_id\":1,\"hello\":{\"token\":\"" + token + "\"}}");
    assertThat(socket.nextText()).startsWith("{\"request_id\":1,\"welcome\":");
    socket.text("{\"request_id\":2,\"join\":{\"room_id\":7}}");
    assertThat(socket.nextText()).startsWith("{\"request_id\":2,\"joined\":");
    for (int i = 0; i < 50; i++) {
      post(
          tls(),
          "/push/pushRoom",
          "{\"token\":\"" + token + "\",\"room_id\":7,\"msg\":\"a text for nobody else " + i
              + "\"}");
      assertThat(socket.nextText()).contains("\"delivery\":", "a text for nobody else " + i);
    }
    post(tls(), "/user/logout", "{\"token\":\"" + token + "\"}");

    assertThat(socket.goodbye().closeCode()).isEqualTo(4_500 + GoAway.Reason.REVOKED.getNumber());
    assertThat(wire.received()).doesNotContain("a text for nobody", "welcome", "alice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void large_answers_and_many_in_a_row_come_whole_and_in_order(String provider) throws Exception {
    start("--tls-provider=" + provider);
    FrameTestClient frames = FrameTestClient.on(tls());
    frames.hello(login("alice"));
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
    start("--tls-provider=" + provider);

    Socket socket = tls(TRUSTING, wire(true));

    assertThat(get(socket, "/healthz")).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void alpn_chooses_http_1_and_lets_in_who_knows_only_http_2(String provider) throws Exception {
    start("--tls-provider=" + provider);

    assertThat(alpn("h2", "http/1.1")).isEqualTo("http/1.1");
    assertThat(alpn("h2")).isEmpty();
    assertThat(alpn()).isEmpty();
  }

  private String alpn(String... offered) throws IOException {
    SSLSocket socket = tls();
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
    start("--tls-provider=" + provider, "--trusted-proxies=127.0.0.0/8,::1");
    Wire inFront = wire(false);
    inFront.getOutputStream().write(FROM_AFAR.getBytes(UTF_8));

    assertThat(get(tls(TRUSTING, inFront), "/healthz")).startsWith("HTTP/1.1 200");
    assertThat(answer(tls(), FROM_AFAR)).startsWith("HTTP/1.1 400").contains("not an HTTP request");
  }

  @Test
  void tls_within_tls_is_garbage() throws Exception {
    start();
    SSLSocket outer = tls();

    assertThatThrownBy(() -> tls(TRUSTING, outer).startHandshake()).isInstanceOf(IOException.class);
    assertServes();
  }

  // ---- how it ends

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void the_last_answer_is_followed_by_close_notify(String provider) throws Exception {
    start("--tls-provider=" + provider);
    SSLSocket socket = tls();

    String answer = answer(socket, GET_HEALTH + "Connection: close\r\n\r\n");

    // Without close_notify the JDK would have thrown at the end of the stream.
    assertThat(answer).startsWith("HTTP/1.1 200").endsWith("{\"code\":200}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void a_frame_goodbye_is_read_whole_and_followed_by_close_notify(String provider)
      throws Exception {
    start("--tls-provider=" + provider);
    FrameTestClient frames = FrameTestClient.on(tls());

    frames.sendBytes((byte) 1, (byte) 0, (byte) 0, (byte) 1, (byte) 0xFF);

    assertThat(frames.goodbye().getReason()).isEqualTo(GoAway.Reason.PROTOCOL_ERROR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void who_leaves_without_a_word_is_forgotten(String provider) throws Exception {
    start("--tls-provider=" + provider);
    FrameTestClient stays = FrameTestClient.on(tls());
    stays.hello(login("alice"));
    Wire wire = wire(false);
    FrameTestClient leaves = FrameTestClient.on(tls(TRUSTING, wire));
    leaves.hello(login("bob"));
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
    start("--tls-provider=" + provider);
    SSLSocket socket = tls();
    FrameTestClient frames = FrameTestClient.on(socket);
    frames.hello(login("alice"));

    socket.shutdownOutput();

    frames.rest(); // up to the end, which the server makes
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void a_request_followed_by_the_clients_end_is_answered(String provider) throws Exception {
    start("--tls-provider=" + provider);
    SSLSocket socket = tls();
    socket.startHandshake();
    Wire wire = wire(false);
    SSLSocket cut = tls(TRUSTING, wire);
    cut.startHandshake();

    cut.getOutputStream().write((GET_HEALTH + "\r\n").getBytes(UTF_8));
    wire.shutdownOutput(); // FIN without close_notify

    assertThat(readAll(cut)).startsWith("HTTP/1.1 200");
  }

  // ---- who is refused

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void with_a_client_authority_only_its_clients_get_in(String provider) throws Exception {
    start("--tls-provider=" + provider, "--tls-client-ca=" + AUTHORITY.authority(directory));
    SSLContext good = AUTHORITY.context(AUTHORITY.client());
    SSLContext stranger = AUTHORITY.context(new TestCertificates().client());

    assertThat(get(tls(good, wire(false)), "/healthz")).startsWith("HTTP/1.1 200");
    assertThatThrownBy(() -> get(tls(stranger, wire(false)), "/healthz"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> get(tls(), "/healthz")).isInstanceOf(IOException.class);
    assertThat(get(tls(good, wire(false)), "/healthz")).startsWith("HTTP/1.1 200");
    assertThat(refused("tls_handshake")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void tls_1_0_and_1_1_are_refused_with_an_alert(String provider) throws Exception {
    start("--tls-provider=" + provider);
    for (int minor = 1; minor <= 2; minor++) {
      Socket socket = wire(false);

      socket.getOutputStream().write(clientHello(minor));

      byte[] alert = socket.getInputStream().readNBytes(7);
      assertThat(Arrays.copyOfRange(alert, 5, 7))
          .as("fatal, protocol_version")
          .containsExactly(2, 70);
      assertThat(alert[0]).as("alert").isEqualTo((byte) 21);
    }
    assertServes();
  }

  /** Of TLS 1.0 (minor 1) or 1.1 (minor 2), with ciphers of then. */
  private static byte[] clientHello(int minor) {
    String version = "030" + minor;
    String body = version + "11".repeat(32) + "00" + "0004c009c013" + "0100";
    String extensions = "000a00080006001d00170018" + "000b00020100";
    body += String.format("%04x", extensions.length() / 2) + extensions;
    String handshake = "01" + String.format("%06x", body.length() / 2) + body;
    return HexFormat.of()
        .parseHex("160301" + String.format("%04x", handshake.length() / 2) + handshake);
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void garbage_for_a_handshake_ends_that_connection_alone(String provider) throws Exception {
    start("--tls-provider=" + provider);
    SSLSocket other = tls();
    other.startHandshake();
    for (String garbage :
        List.of("1603010005ffffffff00", "16030100020100", "1603ffffff" + "00".repeat(64))) {
      Socket socket = wire(false);

      socket.getOutputStream().write(HexFormat.of().parseHex(garbage));
      socket.shutdownOutput();

      readAll(socket);
    }
    assertThat(get(other, "/healthz")).startsWith("HTTP/1.1 200");
  }

  @Test
  void without_a_certificate_a_tls_client_gets_an_alert() throws Exception {
    server = Server.start(ServerFlags.parse(flags()));

    assertThatThrownBy(() -> tls().startHandshake())
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("handshake_failure");
    assertThat(refused("tls")).isEqualTo(1);
  }

  @Test
  void text_that_is_no_request_is_answered_in_http() throws Exception {
    server = Server.start(ServerFlags.parse(flags()));

    assertThat(answer(wire(false), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("HTTP/2 is not spoken here", "X-Error-Code: invalid_argument");
    assertThat(answer(wire(false), "PURGE / HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("unknown method");
    assertThat(answer(wire(false), "hello?\r\n")).contains("not an HTTP request");
    assertThat(answer(wire(false), FROM_AFAR)).contains("from trusted proxies only");
    assertThat(answer(wire(false), "SSH-2.0-OpenSSH_9\r\n")).startsWith("HTTP/1.1 400");
    assertThat(refused("unknown_protocol")).isEqualTo(4);
    assertThat(refused("proxy_untrusted")).isEqualTo(1);
  }

  @Test
  void with_a_certificate_plaintext_is_for_loopback_alone() throws Exception {
    start("--trusted-proxies=127.0.0.0/8,::1");

    assertThat(get(wire(false), "/healthz")).startsWith("HTTP/1.1 200");
    assertThat(answer(wire(false), FROM_AFAR + GET_HEALTH + "Connection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 426 ")
        .contains("X-Error-Code: tls_required", "Upgrade: TLS/1.2", "{\"code\":400,\"error\":");
    assertThat(answer(
            wire(false), GET_HEALTH + "X-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 426 ");
    assertThat(
            answer(
                wire(false),
                FROM_AFAR
                    + "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
        .startsWith("HTTP/1.1 426 ")
        .contains("X-Error-Code: tls_required");
    FrameTestClient afar = FrameTestClient.on(wire(false));
    afar.sendBytes(FROM_AFAR.getBytes(UTF_8));
    afar.sendBytes((byte) 1);
    GoAway goodbye = afar.goodbye();
    assertThat(goodbye.getReason()).isEqualTo(GoAway.Reason.PROTOCOL_ERROR);
    assertThat(goodbye.getFinal()).isTrue();
    assertThat(refused("tls_required")).isEqualTo(1);
  }

  @Test
  void plaintext_can_be_allowed_or_refused_for_everybody() throws Exception {
    start("--plaintext=allow", "--trusted-proxies=127.0.0.0/8,::1");
    assertThat(answer(wire(false), FROM_AFAR + GET_HEALTH + "Connection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    running().close();

    start("--plaintext=refuse");
    assertThat(answer(wire(false), GET_HEALTH + "Connection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 426 ");
    assertThat(get(tls(), "/healthz")).startsWith("HTTP/1.1 200");
  }

  @Test
  void flags_that_do_not_fit_are_refused_with_a_sentence() throws Exception {
    String[] pair = TestCertificates.write(PAIR, directory);

    assertThatThrownBy(() -> ServerFlags.parse(pair[0]))
        .isInstanceOf(ConfigException.class)
        .hasMessage("--tls-cert and --tls-key belong together: give both.");
    assertThatThrownBy(() -> ServerFlags.parse("--tls-client-ca=x"))
        .hasMessageContaining("of no use without --tls-cert");
    assertThatThrownBy(() -> ServerFlags.parse("--plaintext=refuse"))
        .hasMessageContaining("would let nobody in");
    assertThatThrownBy(() -> Server.start(ServerFlags.parse(flags("--tls-cert=no.pem", pair[1]))))
        .isInstanceOf(StartException.class)
        .hasMessage("--tls-cert=no.pem does not exist.");
  }

  // ---- the server, and ways to it

  private void start(String... more) throws Exception {
    List<String> flags = new ArrayList<>(List.of(more));
    flags.addAll(List.of(TestCertificates.write(PAIR, directory)));
    server = Server.start(ServerFlags.parse(flags(flags.toArray(String[]::new))));
  }

  private Server running() {
    return Objects.requireNonNull(server);
  }

  private String[] flags(String... more) {
    List<String> flags = new ArrayList<>(List.of(
        "--host=127.0.0.1",
        "--port=0",
        "--min-free-disk=0",
        "--bcrypt-cost=4",
        "--data-dir=" + directory.resolve("data")));
    flags.addAll(List.of(more));
    return flags.toArray(String[]::new);
  }

  private SSLSocket tls() throws IOException {
    return tls(TRUSTING, wire(false));
  }

  private SSLSocket tls(SSLContext context, Socket through) throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(through, "localhost", 1, true);
    var parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(TIMEOUT_MS);
    sockets.add(socket);
    return socket;
  }

  private Wire wire(boolean byteByByte) throws IOException {
    Wire wire = new Wire(byteByByte);
    sockets.add(wire);
    wire.setTcpNoDelay(true);
    wire.setSoTimeout(TIMEOUT_MS);
    wire.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), running().port()), TIMEOUT_MS);
    return wire;
  }

  private String login(String name) throws IOException {
    String body = "{\"username\":\"" + name + "\",\"password\":\"secret\"}";
    assertThat(post(tls(), "/user/register", body)).startsWith("HTTP/1.1 200");
    return post(tls(), "/user/login", body).replaceFirst("(?s).*\"token\":\"([^\"]+)\".*", "$1");
  }

  private static long membersOf(FrameTestClient client, long room) {
    return client.roomInfo(room).getRoomInfo().getCount();
  }

  private void assertServes() throws IOException {
    assertThat(get(tls(), "/healthz")).startsWith("HTTP/1.1 200");
  }

  private double refused(String reason) throws IOException {
    String line = "gochat_sniff_refused_total{reason=\"" + reason + "\"}";
    return get(wire(false), "/metrics")
        .lines()
        .filter(each -> each.startsWith(line))
        .mapToDouble(each -> Double.parseDouble(each.substring(line.length())))
        .sum();
  }

  private static String get(Socket socket, String path) throws IOException {
    return answer(
        socket, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  private static String post(Socket socket, String path, String body) throws IOException {
    return answer(
        socket,
        "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
            + body.length() + "\r\n\r\n" + body);
  }

  private static String answer(Socket socket, String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(UTF_8));
    socket.getOutputStream().flush();
    return readAll(socket);
  }

  /** Everything up to the end of the stream. */
  private static String readAll(Socket socket) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8_192];
    try {
      for (int n = socket.getInputStream().read(buffer);
          n >= 0;
          n = socket.getInputStream().read(buffer)) {
        all.write(buffer, 0, n);
      }
    } catch (SocketException e) {
      if (all.size() == 0) {
        return ""; // a reset is an end as well
      }
      throw e;
    }
    return all.toString(UTF_8);
  }

  /** A socket that remembers what came, and can send each byte by itself. */
  private static final class Wire extends Socket {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final boolean byteByByte;

    Wire(boolean byteByByte) {
      this.byteByByte = byteByByte;
    }

    String received() {
      return received.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          int b = super.read();
          if (b >= 0) {
            received.write(b);
          }
          return b;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
          int n = super.read(into, from, length);
          if (n > 0) {
            received.write(into, from, n);
          }
          return n;
        }
      };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          if (!byteByByte) {
            out.write(bytes, from, length);
            return;
          }
          for (int i = 0; i < length; i++) {
            out.write(bytes[from + i]);
          }
        }
      };
    }
  }
}

package io.gochat.server;

import static io.gochat.server.TlsServer.answer;
import static io.gochat.server.TlsServer.get;
import static io.gochat.server.TlsServer.readAll;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.GoAway;
import io.gochat.server.config.ConfigException;
import io.gochat.server.config.ServerFlags;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.testing.TestCertificates;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is refused on a port with a certificate, or without one, and how he is told. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class TlsRefusalsTest {
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

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void with_a_client_authority_only_its_clients_get_in(String provider) throws Exception {
    server.start(
        "--tls-provider=" + provider,
        "--tls-client-ca=" + TlsServer.AUTHORITY.authority(directory));
    SSLContext good = TlsServer.AUTHORITY.context(TlsServer.AUTHORITY.client());
    SSLContext stranger = TlsServer.AUTHORITY.context(new TestCertificates().client());

    assertThat(get(server.tls(good, server.wire(false)), "/healthz")).startsWith("HTTP/1.1 200");
    assertThatThrownBy(() -> get(server.tls(stranger, server.wire(false)), "/healthz"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> get(server.tls(), "/healthz")).isInstanceOf(IOException.class);
    assertThat(get(server.tls(good, server.wire(false)), "/healthz")).startsWith("HTTP/1.1 200");
    await().until(() -> server.refused("tls_handshake") == 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void tls_1_0_and_1_1_are_refused_with_an_alert(String provider) throws Exception {
    server.start("--tls-provider=" + provider);
    for (int minor = 1; minor <= 2; minor++) {
      Socket socket = server.wire(false);

      socket.getOutputStream().write(clientHello(minor));

      byte[] alert = socket.getInputStream().readNBytes(7);
      assertThat(Arrays.copyOfRange(alert, 5, 7))
          .as("fatal, protocol_version")
          .containsExactly(2, 70);
      assertThat(alert[0]).as("alert").isEqualTo((byte) 21);
    }
    server.assertServes();
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
    server.start("--tls-provider=" + provider);
    SSLSocket other = server.tls();
    other.startHandshake();
    for (String garbage :
        List.of("1603010005ffffffff00", "16030100020100", "1603ffffff" + "00".repeat(64))) {
      Socket socket = server.wire(false);

      socket.getOutputStream().write(HexFormat.of().parseHex(garbage));
      socket.shutdownOutput();

      readAll(socket);
    }
    assertThat(get(other, "/healthz")).startsWith("HTTP/1.1 200");
  }

  @Test
  void without_a_certificate_a_tls_client_gets_an_alert() throws Exception {
    server.startWithoutCertificate();

    assertThatThrownBy(() -> server.tls().startHandshake())
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("handshake_failure");
    await().until(() -> server.refused("tls") == 1);
  }

  @Test
  void text_that_is_no_request_is_answered_in_http() throws Exception {
    server.startWithoutCertificate();

    assertThat(answer(server.wire(false), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("HTTP/2 is not spoken here", "X-Error-Code: invalid_argument");
    assertThat(answer(server.wire(false), "PURGE / HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("unknown method");
    assertThat(answer(server.wire(false), "hello?\r\n")).contains("not an HTTP request");
    assertThat(answer(server.wire(false), FROM_AFAR)).contains("from trusted proxies only");
    assertThat(answer(server.wire(false), "SSH-2.0-OpenSSH_9\r\n")).startsWith("HTTP/1.1 400");
    await().until(() -> server.refused("unknown_protocol") == 4);
    await().until(() -> server.refused("proxy_untrusted") == 1);
  }

  @Test
  void with_a_certificate_plaintext_is_for_loopback_alone() throws Exception {
    server.start("--trusted-proxies=127.0.0.0/8,::1");

    assertThat(get(server.wire(false), "/healthz")).startsWith("HTTP/1.1 200");
    assertThat(answer(server.wire(false), FROM_AFAR + GET_HEALTH + "Connection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 426 ")
        .contains("X-Error-Code: tls_required", "Upgrade: TLS/1.2", "{\"code\":400,\"error\":");
    assertThat(answer(
            server.wire(false),
            GET_HEALTH + "X-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 426 ");
    assertThat(
            answer(
                server.wire(false),
                FROM_AFAR
                    + "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
        .startsWith("HTTP/1.1 426 ")
        .contains("X-Error-Code: tls_required");
    FrameTestClient afar = FrameTestClient.on(server.wire(false));
    afar.sendBytes(FROM_AFAR.getBytes(UTF_8));
    afar.sendBytes((byte) 1);
    GoAway goodbye = afar.goodbye();
    assertThat(goodbye.getReason()).isEqualTo(GoAway.Reason.PROTOCOL_ERROR);
    assertThat(goodbye.getFinal()).isTrue();
    await().until(() -> server.refused("tls_required") == 1);
  }

  @Test
  void plaintext_can_be_allowed_or_refused_for_everybody() throws Exception {
    server.start("--plaintext=allow", "--trusted-proxies=127.0.0.0/8,::1");
    assertThat(answer(server.wire(false), FROM_AFAR + GET_HEALTH + "Connection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    server.running().close();

    server.start("--plaintext=refuse");
    assertThat(answer(server.wire(false), GET_HEALTH + "Connection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 426 ");
    assertThat(get(server.tls(), "/healthz")).startsWith("HTTP/1.1 200");
  }

  @Test
  void flags_that_do_not_fit_are_refused_with_a_sentence() throws Exception {
    String[] pair = TestCertificates.write(TlsServer.PAIR, directory);

    assertThatThrownBy(() -> ServerFlags.parse(pair[0]))
        .isInstanceOf(ConfigException.class)
        .hasMessage("--tls-cert and --tls-key belong together: give both.");
    assertThatThrownBy(() -> ServerFlags.parse("--tls-client-ca=x"))
        .hasMessageContaining("of no use without --tls-cert");
    assertThatThrownBy(() -> ServerFlags.parse("--plaintext=refuse"))
        .hasMessageContaining("would let nobody in");
    assertThatThrownBy(
            () -> Server.start(ServerFlags.parse(server.flags("--tls-cert=no.pem", pair[1]))))
        .isInstanceOf(StartException.class)
        .hasMessage("--tls-cert=no.pem does not exist.");
  }
}

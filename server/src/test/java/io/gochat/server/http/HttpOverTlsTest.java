package io.gochat.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.gochat.testing.TestCertificates;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What differs on TLS, on a server whose clock stands still. */
class HttpOverTlsTest {
  private static final TestCertificates AUTHORITY = new TestCertificates();

  @TempDir
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void a_peer_that_is_refused_while_it_sends_is_not_reset(String provider) throws Exception {
    String[] pair = TestCertificates.write(AUTHORITY.server(), directory);
    try (HttpFixture node = new HttpFixture(
            directory.resolve("data"), pair[0], pair[1], "--tls-provider=" + provider);
        Socket socket =
            AUTHORITY.context(null).getSocketFactory().createSocket("127.0.0.1", node.port())) {
      socket.setSoTimeout(30_000);
      String head = RawHttp.request("POST", "/user/login", "", "Content-Length: 90000000");
      socket.getOutputStream().write(head.getBytes(US_ASCII));
      String status = new String(socket.getInputStream().readNBytes(12), US_ASCII);

      assertThat(status).isEqualTo("HTTP/1.1 413");
      assertThatCode(() -> {
            for (int i = 0; i < 300; i++) {
              socket.getOutputStream().write(new byte[16_384]);
            }
          })
          .doesNotThrowAnyException();
    }
  }
}

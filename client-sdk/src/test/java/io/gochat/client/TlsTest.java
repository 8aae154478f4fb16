package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.testing.TestCertificates;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The SDK over TLS, against the real server: whom it trusts, for which name, and with which certificate of its own. */
@Timeout(60)
class TlsTest {
  @TempDir
  private Path directory;

  private TestCertificates authority;
  private String[] flags;

  @BeforeEach
  void certificates() throws Exception {
    authority = new TestCertificates();
    authority.authority(directory);
    String[] pair = TestCertificates.write(authority.serverByName(), directory);
    flags = new String[] {pair[0], pair[1], "--plaintext=refuse"};
  }

  @Test
  void it_logs_in_publishes_and_receives_through_tls() throws Exception {
    Queue<String> texts = new ConcurrentLinkedQueue<>();
    try (RealServer server = new RealServer(directory, flags);
        ChatClient client = ChatClient.create(
            options(server, "localhost").tls(ClientTls.trusting(path("ca.pem"))).build())) {
      client.onMessage(message -> texts.add(message.text()));
      client.connect().join();
      client.join(7).join();

      for (int i = 0; i < 100; i++) {
        client.publish(Topic.room(7), "text " + i).join();
      }

      await().atMost(Duration.ofSeconds(30)).until(() -> texts.size() == 100);
      server.restart();
      client.publish(Topic.room(7), "after a restart").join();
    }
  }

  @Test
  void whom_it_does_not_trust_is_not_sent_a_password() throws Exception {
    try (RealServer server = new RealServer(directory, flags)) {
      assertUnreachable(options(server, "localhost").tls());
      // The right authority, another name.
      assertUnreachable(options(server, "127.0.0.1").tls(ClientTls.trusting(path("ca.pem"))));

      ClientOptions unchecked = options(server, "127.0.0.1")
          .tls(ClientTls.trusting(path("ca.pem")).withoutHostNameCheck())
          .build();
      try (ChatClient client = ChatClient.create(unchecked)) {
        assertThat(client.connect().join().username()).isEqualTo("alice");
      }
    }
  }

  @Test
  void a_server_that_wants_a_certificate_gets_it() throws Exception {
    X509Bundle own = authority.client();
    Path certificate = write("own.pem", own.getCertificatePathPEM());
    Path key = write("own-key.pem", own.getPrivateKeyPEM());
    String[] mutual = {flags[0], flags[1], flags[2], "--tls-client-ca=" + path("ca.pem")};
    try (RealServer server = new RealServer(directory, mutual)) {
      assertUnreachable(options(server, "localhost").tls(ClientTls.trusting(path("ca.pem"))));

      ClientTls tls = ClientTls.trusting(path("ca.pem")).withCertificate(certificate, key);
      try (ChatClient client =
          ChatClient.create(options(server, "localhost").tls(tls).build())) {
        assertThat(client.connect().join().username()).isEqualTo("alice");
      }
    }
  }

  @Test
  void a_file_that_cannot_be_used_fails_at_once() {
    assertThatThrownBy(() -> ClientOptions.builder().tls(ClientTls.trusting(path("none.pem"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("TLS cannot be set up");
  }

  private static void assertUnreachable(ClientOptionsBuilder options) {
    ClientOptions impatient = options.connectDeadline(Duration.ofSeconds(1)).build();
    try (ChatClient client = ChatClient.create(impatient)) {
      assertThatThrownBy(() -> client.connect().join())
          .isInstanceOf(CompletionException.class)
          .hasMessageContaining("UNREACHABLE");
    }
  }

  private ClientOptionsBuilder options(RealServer server, String host) {
    return server.options("alice").host(host);
  }

  private Path path(String name) {
    return directory.resolve(name);
  }

  private Path write(String name, String text) throws Exception {
    return Files.writeString(path(name), text);
  }
}

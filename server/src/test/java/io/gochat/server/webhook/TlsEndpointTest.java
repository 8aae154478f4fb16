package io.gochat.server.webhook;

import static io.gochat.server.webhook.WebhookFixture.ROOM;
import static io.gochat.server.webhook.WebhookFixture.endpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.testing.TestCertificates;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsEndpointTest {
  private static final String MORE = ",\"events\":[\"message.published\"],\"allow_private\":true";

  @TempDir
  Path directory;

  private final TestCertificates certificates = new TestCertificates();
  private WebhookFixture fixture;
  private ReceivingEndpoint endpoint;

  @BeforeEach
  void start() throws Exception {
    X509Bundle bundle = certificates.server();
    KeyManagerFactory keys = bundle.toKeyManagerFactory();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    endpoint = ReceivingEndpoint.start(context.getServerSocketFactory());
    fixture = new WebhookFixture(directory)
        .names(name -> new InetAddress[] {InetAddress.getLoopbackAddress()});
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
    endpoint.close();
  }

  private SslContext believing() throws Exception {
    Path authority = certificates.authority(Files.createTempDirectory(directory, "ca"));
    return SslContextBuilder.forClient().trustManager(authority.toFile()).build();
  }

  private String url(String host) {
    return "https://" + host + ":" + endpoint.port() + "/hook";
  }

  @Test
  void an_endpoint_is_told_by_tls() throws Exception {
    fixture.tls(believing()).file(endpoint("crm", url("localhost"), MORE)).open();

    fixture.published(ROOM, "m1");
    fixture.published(ROOM, "m2");

    await().until(() -> endpoint.messages().equals(List.of("m1", "m2")));
    assertThat(endpoint.connections).hasValue(1);
  }

  @Test
  void a_certificate_of_nobody_known_is_not_believed() throws Exception {
    fixture.file(endpoint("crm", url("localhost"), MORE)).open();

    fixture.published(ROOM, "m1");

    await().until(() -> fixture.tries("crm", Outcome.Kind.TLS) >= 1);
    assertThat(endpoint.received).isEmpty();
  }

  @Test
  void a_certificate_for_another_name_is_not_believed() throws Exception {
    fixture
        .tls(believing())
        .file(endpoint("crm", url("elsewhere.example"), MORE))
        .open();

    fixture.published(ROOM, "m1");

    await().until(() -> fixture.tries("crm", Outcome.Kind.TLS) >= 1);
    assertThat(endpoint.received).isEmpty();
  }

  @Test
  @SuppressWarnings("try") // it is gone before the end, which is the point
  void what_does_not_speak_tls_gets_no_message() throws Exception {
    ReceivingEndpoint plain = ReceivingEndpoint.start();
    fixture
        .file(endpoint("crm", "https://localhost:" + plain.port() + "/hook", MORE))
        .open();

    fixture.published(ROOM, "m1");
    await().until(() -> plain.connections.get() >= 1);
    plain.close();

    await()
        .until(() ->
            fixture.tries("crm", Outcome.Kind.TLS) + fixture.tries("crm", Outcome.Kind.UNREACHABLE)
                >= 1);
    assertThat(plain.received).isEmpty();
  }
}

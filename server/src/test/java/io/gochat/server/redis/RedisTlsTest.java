package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Topic;
import io.gochat.testing.TestCertificates;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Redis behind a certificate of a private authority, which wants one of its clients too. */
@Timeout(60)
class RedisTlsTest {
  @TempDir
  Path directory;

  private final TestCertificates authority = new TestCertificates();
  private @Nullable RedisProcess redis;
  private int port;
  private Path ca = Path.of("ca.pem");

  @BeforeEach
  void start() throws IOException {
    assumeTrue(RedisProcess.speaksTls(), "this redis-server was built without TLS");
    ca = authority.authority(directory);
    Path[] pair = write("server", authority.server());
    port = RedisProcess.freePort();
    redis = RedisProcess.start(
        "--tls-port", Integer.toString(port),
        "--tls-ca-cert-file", ca.toString(),
        "--tls-cert-file", pair[0].toString(),
        "--tls-key-file", pair[1].toString(),
        "--tls-auth-clients", "yes");
  }

  @AfterEach
  void close() {
    if (redis != null) {
      redis.close();
    }
  }

  @Test
  void node_shows_its_certificate_and_believes_the_private_authority() throws Exception {
    Path[] pair = write("client", authority.client());

    try (RedisStore store = SharedRedis.open(
        options(new RedisTls(Optional.of(ca), Optional.of(pair[0]), Optional.of(pair[1]))))) {
      Publication publication = new Publication(Topic.room(7), 1, "alice", "", "hi", null);
      assertThat(store.log().publish(publication).join()).isInstanceOf(Accepted.class);
    }
  }

  @Test
  void node_without_a_certificate_or_the_authority_is_told_so() {
    RedisOptions noCertificate =
        options(new RedisTls(Optional.of(ca), Optional.empty(), Optional.empty()));
    RedisOptions noAuthority = options(RedisTls.NONE);

    assertThatThrownBy(() -> SharedRedis.open(noCertificate))
        .hasStackTraceContaining("cannot be used");
    assertThatThrownBy(() -> SharedRedis.open(noAuthority))
        .hasStackTraceContaining("unable to find valid certification path");
  }

  private RedisOptions options(RedisTls tls) {
    RedisAddress address = RedisAddress.parse("rediss://127.0.0.1:" + port);
    return RedisOptions.at(new RedisDeployment(address, Keys.DEFAULT_PREFIX, tls));
  }

  private Path[] write(String name, X509Bundle pair) throws IOException {
    return new Path[] {
      Files.writeString(directory.resolve(name + ".pem"), pair.getCertificatePathPEM()),
      Files.writeString(directory.resolve(name + ".key"), pair.getPrivateKeyPEM())
    };
  }
}

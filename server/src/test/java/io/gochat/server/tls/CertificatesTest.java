package io.gochat.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.testing.TestCertificates;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is read from the files, and what is made of a change; how it serves is in {@code TlsTest}. */
class CertificatesTest {
  /** {@code openssl pkcs8 -topk8}: what most have. */
  private static final String ENCRYPTED_BY_OPENSSL = """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj6K5af/bKFMAICCAAw
      DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGibSqFLuGlCViZSzmk18YoEgZCg
      YuDZaBZ/Pssi4bO4U+7wHhHweU7RpSkwRxbQwl3Vnr5hvDhpoWmA3NbQR4Yq8LO6
      TijH/sOlW/2rMnbke3B9qpHI69GGwHXWXrl0Z9KeH7lHKHrPwtRiQwrryQ1k5f54
      cJUx+i5WPz8wViq3Tqz+edZYrxO7uFewG6oKxA1gTPshbZzMAKv6icjxvuQY2Bc=
      -----END ENCRYPTED PRIVATE KEY-----
      """;

  private static final String THE_SAME = """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgv7FDyJnN634UOCfP
      ZV10uHejG4Zf3SpfPLSRqUHH34WhRANCAATp2WwHgSPU1VnyD8ltC3Jf3XFRem6k
      z9k+7hb0l0KqsSt1goJuQb6gPz2BAR39Cba8JU0UWwl6s1L3NxjFbkjo
      -----END PRIVATE KEY-----
      """;

  @TempDir
  private Path directory;

  private final TestCertificates authority = new TestCertificates();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private Instant now = Instant.now();

  @BeforeEach
  void aGoodPair() throws IOException {
    TestCertificates.write(authority.server(), directory);
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void a_pair_that_fits_is_loaded(TlsProvider provider) throws Exception {
    try (Certificates certificates = load(provider, null)) {
      SslHandler handler = certificates.newHandler(ByteBufAllocator.DEFAULT);

      assertThat(handler.engine().getSupportedProtocols()).contains("TLSv1.3");
      assertThat(handler.engine().getEnabledProtocols())
          .contains("TLSv1.2", "TLSv1.3")
          .doesNotContain("TLSv1", "TLSv1.1");
      assertThat(handler.engine().getUseClientMode()).isFalse();
      ReferenceCountUtil.release(handler.engine());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Algorithm.class,
      names = {"ecp256", "ecp384", "rsa2048", "ed25519"})
  void the_usual_kinds_of_keys_are_taken(Algorithm algorithm) throws Exception {
    TestCertificates.write(authority.server(algorithm, inDays(365)), directory);

    load(TlsProvider.JDK, null).close();
  }

  @Test
  void a_pkcs1_key_is_refused_with_the_command_that_converts_it() throws Exception {
    X509Bundle pair = authority.server(Algorithm.rsa2048, inDays(365));
    TestCertificates.write(pair, directory);
    byte[] pkcs8 = pair.getKeyPair().getPrivate().getEncoded();
    // The inner key begins behind version, algorithm and the octet string's header.
    byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
    Path key = key();
    Files.writeString(key, TestCertificates.pem("RSA PRIVATE KEY", pkcs1));

    assertRefused("PKCS#1", "openssl pkcs8 -topk8 -nocrypt -in " + key + " -out " + key + ".pkcs8");
  }

  @Test
  void an_ec_key_of_its_own_form_is_refused_with_the_same_command() throws Exception {
    Files.writeString(key(), TestCertificates.pem("EC PRIVATE KEY", new byte[] {1}));

    assertRefused("EC PRIVATE KEY", "openssl pkcs8 -topk8 -nocrypt -in " + key());
  }

  @Test
  void an_encrypted_key_is_read_with_its_password_and_refused_without() throws Exception {
    byte[] encrypted = ENCRYPTED_BY_OPENSSL.getBytes(StandardCharsets.US_ASCII);

    PrivateKey key = PrivateKeyPem.read(encrypted, key(), "let me in".toCharArray());

    assertThat(key)
        .isEqualTo(PrivateKeyPem.read(THE_SAME.getBytes(StandardCharsets.US_ASCII), key(), null));
    assertThatThrownBy(() -> PrivateKeyPem.read(encrypted, key(), "let me out".toCharArray()))
        .isInstanceOf(UnusableCertificateException.class)
        .hasMessageContaining("--tls-key-password-file is wrong");
    Files.writeString(key(), ENCRYPTED_BY_OPENSSL);
    assertRefused("is encrypted", "give --tls-key-password-file");
  }

  @Test
  void the_password_file_may_end_with_a_line_end() throws Exception {
    Files.writeString(key(), ENCRYPTED_BY_OPENSSL);
    Path password = Files.writeString(directory.resolve("password"), "let me in\n");

    assertThatThrownBy(() -> load(TlsProvider.JDK, password))
        .hasMessageContaining("is not the key of");
  }

  @Test
  void what_does_not_fit_or_is_not_there_is_refused_with_a_sentence_that_names_it()
      throws Exception {
    Path key = key();
    String good = Files.readString(key);
    Files.writeString(key, authority.server().getPrivateKeyPEM());
    assertRefused("is not the key of", key.toString(), "cert.pem");

    Files.writeString(key, authority.server(Algorithm.rsa2048, inDays(9)).getPrivateKeyPEM());
    assertRefused("is not the key of");

    Files.writeString(key, "hello");
    assertRefused("holds no PEM private key");

    Files.writeString(key, TestCertificates.pem("PRIVATE KEY", new byte[] {1, 2, 3}));
    assertRefused("no RSA, EC or Ed25519 key");

    Files.delete(key);
    assertRefused("--tls-key=" + key + " does not exist");

    Files.writeString(key, good);
    Files.writeString(directory.resolve("cert.pem"), "hello");
    assertRefused("--tls-cert=");

    Files.delete(directory.resolve("cert.pem"));
    assertRefused("--tls-cert=" + directory.resolve("cert.pem") + " does not exist");
  }

  @Test
  void a_new_pair_is_taken_and_a_bad_one_keeps_the_old_and_is_told_once() throws Exception {
    Certificates certificates = load(TlsProvider.AUTO, null);
    double first = days();

    TestCertificates.write(authority.server(Algorithm.ecp256, inDays(90)), directory);
    certificates.look();
    assertThat(days()).isLessThan(first).isBetween(89.0, 90.1);
    assertThat(renewals("taken")).isEqualTo(1);

    Files.writeString(key(), authority.server().getPrivateKeyPEM()); // half of the next pair
    certificates.look();
    certificates.look();
    assertThat(days()).isBetween(89.0, 90.1);
    assertThat(renewals("refused")).isEqualTo(1);

    TestCertificates.write(authority.server(Algorithm.ecp256, inDays(60)), directory);
    certificates.look();
    assertThat(days()).isBetween(59.0, 60.1);
    assertThat(renewals("taken")).isEqualTo(2);
    certificates.close();
  }

  @Test
  void an_expired_pair_is_not_taken_over() throws Exception {
    Certificates certificates = load(TlsProvider.AUTO, null);
    TestCertificates.write(authority.server(Algorithm.ecp256, inDays(-1)), directory);

    certificates.look();

    assertThat(days()).isGreaterThan(300);
    assertThat(renewals("refused")).isEqualTo(1);
    certificates.close();
  }

  @Test
  void an_expired_pair_still_starts_and_its_age_is_a_figure() throws Exception {
    TestCertificates.write(authority.server(Algorithm.ecp256, inDays(-3)), directory);

    Certificates certificates = load(TlsProvider.AUTO, null);

    assertThat(days()).isBetween(-3.1, -2.9);
    certificates.close();
  }

  private void assertRefused(String... words) {
    assertThatThrownBy(() -> load(TlsProvider.JDK, null))
        .isInstanceOf(UnusableCertificateException.class)
        .hasMessageContainingAll(words);
  }

  private Certificates load(TlsProvider provider, @Nullable Path password)
      throws UnusableCertificateException {
    TlsOptions options = new TlsOptions(
        directory.resolve("cert.pem"),
        key(),
        Optional.ofNullable(password),
        Optional.empty(),
        provider);
    return Certificates.load(options, () -> now, meters);
  }

  private Path key() {
    return directory.resolve("key.pem");
  }

  private double days() {
    return meters.get("gochat.tls.certificate.expiry").gauge().value()
        / Duration.ofDays(1).toSeconds();
  }

  private double renewals(String outcome) {
    return meters.get("gochat.tls.renewals").tag("outcome", outcome).counter().count();
  }

  private Instant inDays(int days) {
    return now.plus(Duration.ofDays(days));
  }
}

package io.gochat.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** An authority, and what it signs for a test: for localhost, or for a client. Immutable. */
public final class TestCertificates {
  private final X509Bundle authority;

  /** A new authority, known to nobody else. */
  public TestCertificates() {
    this.authority = built(() -> new CertificateBuilder()
        .subject("CN=GoChat test authority")
        .setIsCertificateAuthority(true)
        .ecp256()
        .buildSelfSigned());
  }

  /** For localhost, with an EC key, valid for a year. */
  public X509Bundle server() {
    return server(Algorithm.ecp256, inAYear());
  }

  /** For localhost. */
  public X509Bundle server(Algorithm algorithm, Instant expires) {
    return built(
        () -> localhost(algorithm, expires).addSanIpAddress("127.0.0.1").buildIssuedBy(authority));
  }

  /** For localhost by its name, and not by its address. */
  public X509Bundle serverByName() {
    return built(() -> localhost(Algorithm.ecp256, inAYear()).buildIssuedBy(authority));
  }

  /** For a client. */
  public X509Bundle client() {
    return built(() -> new CertificateBuilder()
        .subject("CN=a client")
        .addExtendedKeyUsageClientAuth()
        .ecp256()
        .buildIssuedBy(authority));
  }

  /** The authority alone, for {@code --tls-client-ca}. */
  public Path authority(Path directory) throws IOException {
    return Files.writeString(directory.resolve("ca.pem"), authority.getCertificatePEM());
  }

  /** Writes {@code cert.pem} and {@code key.pem}, as flags of a server. */
  public static String[] write(X509Bundle pair, Path directory) throws IOException {
    Path certificate =
        Files.writeString(directory.resolve("cert.pem"), pair.getCertificatePathPEM());
    Path key = Files.writeString(directory.resolve("key.pem"), pair.getPrivateKeyPEM());
    return new String[] {"--tls-cert=" + certificate, "--tls-key=" + key};
  }

  /** A JDK context that trusts this authority, and shows {@code own}: always as a server, as a client if it is asked. */
  public SSLContext context(@Nullable X509Bundle own) {
    return built(() -> {
      KeyManager[] keys = own == null ? null : own.toKeyManagerFactory().getKeyManagers();
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, new TrustManager[] {authority.toTrustManager()}, null);
      return context;
    });
  }

  /** PEM of one block. */
  public static String pem(String type, byte[] der) {
    return "-----BEGIN " + type + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END " + type + "-----\n";
  }

  private static CertificateBuilder localhost(Algorithm algorithm, Instant expires) {
    return new CertificateBuilder()
        .subject("CN=localhost")
        .addSanDnsName("localhost")
        .algorithm(algorithm)
        .notBefore(Instant.now().minus(Duration.ofDays(700)))
        .notAfter(expires);
  }

  private static Instant inAYear() {
    return Instant.now().plus(Duration.ofDays(365));
  }

  private interface Building<T> {
    T build() throws Exception;
  }

  private static <T> T built(Building<T> building) {
    try {
      return building.build();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}

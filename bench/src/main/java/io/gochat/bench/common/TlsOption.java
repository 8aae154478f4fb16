package io.gochat.bench.common;

import io.gochat.client.ClientOptionsBuilder;
import io.gochat.client.ClientTls;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --tls} and {@code --tls-ca}, the same for every tool that talks to a server. Filled by picocli, then read. */
public final class TlsOption {
  @Option(names = "--tls", description = "Speak TLS with the server.")
  private boolean tls;

  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      description = "Speak TLS, and trust the certificates in this file (PEM) alone.")
  private @Nullable Path authorities;

  /** Whether TLS is wanted. */
  public boolean isWanted() {
    return tls || authorities != null;
  }

  /** For a run that no command line describes: TLS, as with {@code --tls}. */
  public void want() {
    tls = true;
  }

  /** The server is one of ours: only this certificate is trusted. */
  public void trust(Path certificate) {
    authorities = certificate;
  }

  /** {@code https} or {@code http}. */
  public String scheme() {
    return isWanted() ? "https" : "http";
  }

  /** For the SDK. */
  public ClientOptionsBuilder apply(ClientOptionsBuilder options) {
    if (!isWanted()) {
      return options;
    }
    return options.tls(
        authorities == null ? ClientTls.ofSystem() : ClientTls.trusting(authorities));
  }

  /** For Netty; empty: without TLS. */
  public Optional<SslContext> netty() throws IOException {
    if (!isWanted()) {
      return Optional.empty();
    }
    SslContextBuilder builder = SslContextBuilder.forClient();
    if (authorities != null) {
      builder.trustManager(authorities.toFile());
    }
    return Optional.of(builder.build());
  }

  /** For the JDK's own clients; empty: without TLS, or as the JVM does it by itself. */
  public Optional<SSLContext> jdk() throws IOException {
    if (authorities == null) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(authorities)) {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int count = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("ca" + count++, each);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return Optional.of(context);
    } catch (GeneralSecurityException e) {
      throw new IOException("--tls-ca " + authorities + ": " + e.getMessage(), e);
    }
  }
}

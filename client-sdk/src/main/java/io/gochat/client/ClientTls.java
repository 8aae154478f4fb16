package io.gochat.client;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.File;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * How a client encrypts, whom it trusts, and who it says it is. Immutable. Files are PEM, and read once, when the
 * options are built.
 */
public final class ClientTls {
  private final @Nullable Path authorities;
  private final @Nullable Path certificate;
  private final @Nullable Path key;
  private final boolean hostNameCheck;

  private ClientTls(
      @Nullable Path authorities,
      @Nullable Path certificate,
      @Nullable Path key,
      boolean hostNameCheck) {
    this.authorities = authorities;
    this.certificate = certificate;
    this.key = key;
    this.hostNameCheck = hostNameCheck;
  }

  /** Trusts whom the JVM trusts, and checks that the certificate is for the host that was asked for. */
  public static ClientTls ofSystem() {
    return new ClientTls(null, null, null, true);
  }

  /** Trusts these certificates alone: an authority's, or a server's own that nobody has signed. */
  public static ClientTls trusting(Path authorities) {
    return new ClientTls(authorities, null, null, true);
  }

  /** The same, with a certificate of the client's own for servers that want one; the key is PKCS#8 without a password. */
  public ClientTls withCertificate(Path certificate, Path key) {
    return new ClientTls(authorities, certificate, key, hostNameCheck);
  }

  /** The same for servers whose certificate is for another name. Whoever has any trusted certificate can be the server. */
  public ClientTls withoutHostNameCheck() {
    return new ClientTls(authorities, certificate, key, false);
  }

  /** Makes the handlers of connections. */
  Handlers handlers() {
    try {
      SslContextBuilder builder = SslContextBuilder.forClient();
      if (authorities != null) {
        builder.trustManager(authorities.toFile());
      }
      if (certificate != null && key != null) {
        File chain = certificate.toFile();
        builder.keyManager(chain, key.toFile());
      }
      SslContext context = builder.build();
      return (allocator, host, port) -> {
        SslHandler handler = context.newHandler(allocator, host, port);
        SSLParameters parameters = handler.engine().getSSLParameters();
        // Said each time: Netty 4.1 checks no name unless it is told to, 4.2 does unless it is told
        // not to.
        parameters.setEndpointIdentificationAlgorithm(hostNameCheck ? "HTTPS" : "");
        handler.engine().setSSLParameters(parameters);
        return handler;
      };
    } catch (SSLException | IllegalArgumentException e) {
      throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  /** Makes the TLS of one connection. Thread-safe. */
  @FunctionalInterface
  interface Handlers {
    /** As Netty has them in its own contexts. */
    static Handlers of(SslContext context) {
      return context::newHandler;
    }

    SslHandler newHandler(ByteBufAllocator allocator, String host, int port);
  }
}

package io.gochat.server.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;

/** How this server speaks TLS: Mozilla's "intermediate" rules, of which only ECDHE is left. Stateless. */
final class Contexts {
  private static final List<String> CIPHERS = List.of(
      "TLS_AES_128_GCM_SHA256",
      "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private static final String[] GROUPS = {"X25519", "P-256", "P-384"};

  /** The JDK's engine would renegotiate TLS 1.2 as often as a client likes; BoringSSL's server never does. */
  private static final String NO_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

  /** The JDK has a setter for the groups of an engine from version 20 on; all of its TLS in this process has these. */
  private static final String JDK_GROUPS = "jdk.tls.namedGroups";

  private Contexts() {}

  /** A context with counted references on OpenSSL; the caller releases it. */
  static SslContext of(Identity identity, TlsProvider provider)
      throws UnusableCertificateException {
    TlsProvider resolved = provider.resolved();
    SslContextBuilder builder = SslContextBuilder.forServer(
            identity.key(), identity.chain().toArray(X509Certificate[]::new))
        .sslProvider(resolved.nettys())
        .protocols("TLSv1.3", "TLSv1.2")
        .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        // Who knows only HTTP/2 is let in all the same, and told in words.
        .applicationProtocolConfig(new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_1_1));
    if (resolved == TlsProvider.OPENSSL) {
      builder.option(OpenSslContextOption.GROUPS, GROUPS.clone());
    } else {
      setUnlessChosen(NO_RENEGOTIATION, "true");
      setUnlessChosen(JDK_GROUPS, "x25519,secp256r1,secp384r1");
    }
    List<X509Certificate> authorities = identity.clientAuthorities();
    if (!authorities.isEmpty()) {
      builder
          .clientAuth(ClientAuth.REQUIRE)
          .trustManager(authorities.toArray(X509Certificate[]::new));
    }
    try {
      SslContext context = builder.build();
      if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
        // Native memory that grows with every client that ever
        // came; a handshake costs less than a millisecond.
        sessions.setSessionCacheEnabled(false);
      }
      return context;
    } catch (SSLException | IllegalArgumentException e) {
      throw new UnusableCertificateException(
          "the certificate in --tls-cert cannot be used: " + e.getMessage() + ".", e);
    }
  }

  private static void setUnlessChosen(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}

package io.gochat.server.net;

import org.jspecify.annotations.Nullable;

/**
 * Whom a port believes and what it lets in. Immutable.
 *
 * @param trustedProxies whose PROXY header is believed
 * @param tls what answers a TLS handshake; null: nothing does
 * @param plaintext who may speak without TLS
 * @param answers what those are told whom no protocol takes
 */
public record PortOptions(
    TrustedProxies trustedProxies,
    @Nullable TlsHandlers tls,
    Plaintext plaintext,
    RefusalAnswers answers) {
  /** No proxy is trusted, no TLS, no last words. */
  public static final PortOptions PLAIN =
      new PortOptions(TrustedProxies.NONE, null, Plaintext.ALLOW, RefusalAnswers.NONE);

  /** The same with these proxies. */
  public PortOptions withTrustedProxies(TrustedProxies proxies) {
    return new PortOptions(proxies, tls, plaintext, answers);
  }
}

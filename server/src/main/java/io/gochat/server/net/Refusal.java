package io.gochat.server.net;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a connection ended before any protocol had it. */
public enum Refusal {
  /** Speaks TLS, for which this server has no certificate. */
  TLS("a client spoke TLS, for which there is no --tls-cert"),
  /** Could not agree on TLS: an old version, no trust, no client certificate, garbage. */
  TLS_HANDSHAKE("a TLS handshake failed"),
  /** Speaks without TLS, and may not from where it is. */
  TLS_REQUIRED("a client without TLS was refused, as --plaintext says"),
  /** The first bytes belong to no protocol here. */
  UNKNOWN_PROTOCOL("a client spoke neither frames nor HTTP nor TLS"),
  /** Still undecided after as many bytes as may be looked at. */
  BUDGET,
  /** Still undecided after as much time as is given. */
  DEADLINE,
  /** Still undecided when the server stopped. */
  DRAIN,
  /** A trusted proxy sent a broken PROXY header. */
  PROXY_HEADER("a trusted proxy sent a broken PROXY header"),
  /** Somebody who is no trusted proxy sent a PROXY header. */
  PROXY_UNTRUSTED("a PROXY header came from an address that --trusted-proxies does not name"),
  /** The client that a proxy speaks for has enough connections. */
  ADDRESS,
  /** Not a question of operations, when all connections but those kept for them are open. */
  LIMIT,
  /** The client left after some bytes, undecided. */
  CLOSED_EARLY,
  /** The client left without a byte, as health checks do. */
  CLOSED_EMPTY;

  private final @Nullable String sentence;

  Refusal() {
    this.sentence = null;
  }

  Refusal(String sentence) {
    this.sentence = sentence;
  }

  /** What the operator is told; null: it is daily life. */
  @Nullable
  String sentence() {
    return sentence;
  }

  /** The value of the counter's tag. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

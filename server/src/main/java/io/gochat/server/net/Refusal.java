package io.gochat.server.net;

import java.util.Locale;

/** Why a connection ended before any protocol had it. */
enum Refusal {
  /** Speaks TLS, which this port does not (yet). */
  TLS,
  /** The first bytes belong to no protocol here. */
  UNKNOWN_PROTOCOL,
  /** Still undecided after as many bytes as may be looked at. */
  BUDGET,
  /** Still undecided after as much time as is given. */
  DEADLINE,
  /** Still undecided when the server stopped. */
  DRAIN,
  /** A trusted proxy sent a broken PROXY header. */
  PROXY_HEADER,
  /** The client that a proxy speaks for has enough connections. */
  ADDRESS,
  /** Not a question of operations, when all connections but those kept for them are open. */
  LIMIT,
  /** The client left after some bytes, undecided. */
  CLOSED_EARLY,
  /** The client left without a byte, as health checks do. */
  CLOSED_EMPTY;

  /** The value of the counter's tag. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

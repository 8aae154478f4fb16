package io.gochat.server.webhook;

import java.util.Locale;

/**
 * What became of a try. Immutable.
 *
 * @param kind what happened
 * @param status of the answer; 0: there was none
 * @param retryAfterMs as long as the endpoint wants to be left alone; 0: it did not say
 * @param detail for people
 */
record Outcome(Kind kind, int status, long retryAfterMs, String detail) {
  /** What can happen. */
  enum Kind {
    /** A 2xx. */
    DELIVERED,
    /** Another status. */
    REFUSED,
    /** No whole answer in time. */
    TIMEOUT,
    /** No connection, or it broke. */
    UNREACHABLE,
    /** TLS did not come about, or its certificate does not count. */
    TLS,
    /** The address is none to connect to. */
    FORBIDDEN_ADDRESS,
    /** Not HTTP. */
    NO_HTTP;

    /** As in metrics. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Outcome answered(int status, long retryAfterMs) {
    return new Outcome(
        status / 100 == 2 ? Kind.DELIVERED : Kind.REFUSED, status, retryAfterMs, "HTTP " + status);
  }

  static Outcome failed(Kind kind, String detail) {
    return new Outcome(kind, 0, 0, detail);
  }

  boolean isDelivered() {
    return kind == Kind.DELIVERED;
  }

  /** The endpoint wants to hear nothing any more. */
  boolean isGone() {
    return status == 410;
  }

  /** The endpoint says that trying again is of no use. */
  boolean isFinal() {
    return status / 100 == 4 && status != 408 && status != 410 && status != 425 && status != 429;
  }
}

package io.gochat.server.http;

import io.gochat.server.net.AllowedOrigins;
import io.gochat.server.net.Plaintext;
import io.gochat.server.net.TrustedProxies;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The bounds of the HTTP side. Immutable.
 *
 * @param maxTextBytes the longest message; the body limit follows from it
 * @param times how long anything may take
 * @param metricsToken who shows it may read {@code /metrics}, from anywhere; null: loopback may, without one
 * @param trustedProxies whose {@code X-Forwarded-For} is believed
 * @param plaintext who may ask without TLS
 * @param origins which web sites' scripts may ask
 * @param hasOperationsPort whether the endpoints of operations are on a port of their own, and not on this one
 */
public record HttpOptions(
    int maxTextBytes,
    Times times,
    @Nullable String metricsToken,
    TrustedProxies trustedProxies,
    Plaintext plaintext,
    AllowedOrigins origins,
    boolean hasOperationsPort) {
  /** A text may be all {@code \}{@code u0001} escapes, six bytes for one; the other fields get the rest. */
  private static final int OTHER_FIELDS_BYTES = 4_096;

  /**
   * The deadlines of a connection. Immutable.
   *
   * @param requestWithin a request must have come completely this long after its first byte
   * @param answeredWithin who is not answered after this is told that the outcome is unknown
   * @param writtenWithin a client that takes no byte of an answer is cut off after this
   * @param idleFor a connection without a request is closed after this
   */
  public record Times(
      Duration requestWithin, Duration answeredWithin, Duration writtenWithin, Duration idleFor) {
    /** 10 s for a request, 30 s for its answer, 30 s for taking a byte of it, 75 s without one. */
    public static final Times DEFAULT = new Times(
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofSeconds(75));

    /** With another time without a request. */
    public Times withIdleFor(Duration other) {
      return new Times(requestWithin, answeredWithin, writtenWithin, other);
    }
  }

  public HttpOptions {
    if (maxTextBytes < 1 || maxTextBytes > (Integer.MAX_VALUE - OTHER_FIELDS_BYTES) / 6) {
      throw new IllegalArgumentException("maxTextBytes: " + maxTextBytes);
    }
  }

  /** The usual times, no metrics token, no trusted proxy. */
  public static HttpOptions defaults(int maxTextBytes) {
    return new HttpOptions(
        maxTextBytes,
        Times.DEFAULT,
        null,
        TrustedProxies.NONE,
        Plaintext.ALLOW,
        AllowedOrigins.ANY,
        false);
  }

  /** The largest request body, in bytes. */
  public int maxBodyBytes() {
    return 6 * maxTextBytes + OTHER_FIELDS_BYTES;
  }

  @Override
  public String toString() {
    return "HttpOptions[maxTextBytes=" + maxTextBytes + "]"; // the metrics token stays out of logs
  }
}

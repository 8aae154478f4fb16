package io.gochat.server.http;

import io.gochat.server.net.TrustedProxies;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The bounds of the HTTP side. Immutable.
 *
 * @param maxTextBytes the longest message; the body limit follows from it
 * @param requestWithin a request must have come completely this long after its first byte
 * @param idleFor a connection without a request is closed after this
 * @param writtenWithin a client that does not take an answer is cut off after this
 * @param metricsToken who shows it may read {@code /metrics} from anywhere; null: loopback only
 * @param trustedProxies whose {@code X-Forwarded-For} is believed
 */
public record HttpOptions(
    int maxTextBytes,
    Duration requestWithin,
    Duration idleFor,
    Duration writtenWithin,
    @Nullable String metricsToken,
    TrustedProxies trustedProxies) {
  /** A text may be all {@code \}{@code u0001} escapes, six bytes for one; the other fields get the rest. */
  private static final int OTHER_FIELDS_BYTES = 4_096;

  public HttpOptions {
    if (maxTextBytes < 1 || maxTextBytes > (Integer.MAX_VALUE - OTHER_FIELDS_BYTES) / 6) {
      throw new IllegalArgumentException("maxTextBytes: " + maxTextBytes);
    }
  }

  /** 10 s for a request, 75 s without one, 30 s for taking an answer; no metrics token, no trusted proxy. */
  public static HttpOptions defaults(int maxTextBytes) {
    return new HttpOptions(
        maxTextBytes,
        Duration.ofSeconds(10),
        Duration.ofSeconds(75),
        Duration.ofSeconds(30),
        null,
        TrustedProxies.NONE);
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

package io.gochat.bench.load;

import io.gochat.bench.api.HttpLink;
import java.io.IOException;

/** What the server itself says on {@code /metrics}. Stateless. */
final class ServerMetrics {
  private static final String DIRECT = "gochat_buffers_direct_bytes ";

  private ServerMetrics() {}

  /** Direct memory that its allocator has taken; NaN: it does not say. */
  static double directBytes(ServerAddress target) {
    try (HttpLink link = target.link(null)) {
      for (String line : link.get("/metrics").body().split("\n", -1)) {
        if (line.startsWith(DIRECT)) {
          return Double.parseDouble(line.substring(DIRECT.length()));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return Double.NaN; // another server, or one that answers metrics only to those with a token
    }
    return Double.NaN;
  }
}

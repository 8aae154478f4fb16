package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How often the promises of delivery were broken. Confined to one event loop while the run lasts; summed up afterwards.
 */
final class Violations {
  /** Sequences that never came. */
  long missing;

  /** Deliveries that had come before. */
  long duplicates;

  /** Deliveries that came after a later one. */
  long reordered;

  /** Deliveries of a topic that this connection has not joined. */
  long misrouted;

  /** Texts of this run that were not what was sent. */
  long corrupt;

  /** {@code Gap} frames: the server says itself that it lost something. */
  long gapsAnnounced;

  /** Receiving connections that ended before the run did. */
  long disconnected;

  void add(Violations other) {
    missing += other.missing;
    duplicates += other.duplicates;
    reordered += other.reordered;
    misrouted += other.misrouted;
    corrupt += other.corrupt;
    gapsAnnounced += other.gapsAnnounced;
    disconnected += other.disconnected;
  }

  long total() {
    return missing + duplicates + reordered + misrouted + corrupt + gapsAnnounced + disconnected;
  }

  Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> json = Json.object();
    json.put("missing", missing);
    json.put("duplicates", duplicates);
    json.put("reordered", reordered);
    json.put("misrouted", misrouted);
    json.put("corrupt", corrupt);
    json.put("gaps_announced", gapsAnnounced);
    json.put("disconnected", disconnected);
    return json;
  }
}

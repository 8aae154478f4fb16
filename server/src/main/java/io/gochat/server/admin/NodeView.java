package io.gochat.server.admin;

import java.util.Map;

/**
 * What a node says of itself. Immutable.
 *
 * @param node its name
 * @param version what was built
 * @param uptimeMs since it started
 * @param settings those in force, without secrets
 * @param figures what it holds now
 */
public record NodeView(
    String node,
    String version,
    long uptimeMs,
    Map<String, String> settings,
    Map<String, Long> figures) {
  public NodeView {
    settings = Map.copyOf(settings);
    figures = Map.copyOf(figures);
  }
}

package io.gochat.server.webhook;

import io.gochat.server.messaging.TopicFilter;
import java.net.URI;
import java.util.List;
import java.util.Set;

/**
 * Who is told. Immutable.
 *
 * @param name letters, digits, {@code .}, {@code _} and {@code -}
 * @param url http or https
 * @param secrets what events are signed with: one, or two while it is being changed
 * @param events of what it is told; of gaps always
 * @param topics of which topics
 * @param allowPrivate whether it may be at a private address, and without TLS
 */
public record Endpoint(
    String name,
    URI url,
    List<String> secrets,
    Set<EventType> events,
    TopicFilter topics,
    boolean allowPrivate) {
  private static final int MOST_SECRETS = 5;

  public Endpoint {
    secrets = List.copyOf(secrets);
    events = Set.copyOf(events);
    if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new IllegalArgumentException(
          "name: 1 to 64 letters, digits, '.', '_' or '-' are wanted");
    }
    checkUrl(url, allowPrivate);
    if (secrets.isEmpty() || secrets.size() > MOST_SECRETS) {
      throw new IllegalArgumentException("secrets: 1 to " + MOST_SECRETS + " are wanted");
    }
    secrets.forEach(Secret::check);
    if (events.isEmpty()) {
      throw new IllegalArgumentException("events: at least one is wanted");
    }
  }

  private static void checkUrl(URI url, boolean allowPrivate) {
    String scheme = String.valueOf(url.getScheme());
    if (url.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
      throw new IllegalArgumentException("url: an https URL with a host is wanted");
    }
    if (scheme.equals("http") && !allowPrivate) {
      throw new IllegalArgumentException("url: http wants \"allow_private\": true; use https");
    }
    if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
      throw new IllegalArgumentException("url: no user and no fragment, please");
    }
    if (url.getPort() == 0 || url.getPort() > 65_535) {
      throw new IllegalArgumentException("url: no such port");
    }
  }

  boolean isTls() {
    return "https".equals(url.getScheme());
  }

  /** Without the brackets of an IPv6 address. */
  String host() {
    String host = String.valueOf(url.getHost());
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  int port() {
    return url.getPort() >= 0 ? url.getPort() : isTls() ? 443 : 80;
  }

  /** Path and query. */
  String target() {
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
  }

  /** Where events of this type come from. */
  TopicFilter topicsOf(EventType type) {
    if (!events.contains(type)) {
      return TopicFilter.NONE;
    }
    return type == EventType.INBOX_UNDELIVERED ? topics.onlyInboxes() : topics;
  }

  /** What must be recorded for it. */
  TopicFilter wanted() {
    return topicsOf(EventType.MESSAGE_PUBLISHED).or(topicsOf(EventType.INBOX_UNDELIVERED));
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return name + " at " + url;
  }
}

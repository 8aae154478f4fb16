package io.gochat.server.webhook;

import java.nio.charset.StandardCharsets;

/**
 * What became of an endpoint. Immutable.
 *
 * @param hasEnded whether it answered that it is gone
 * @param url where it was then
 */
record EndpointState(boolean hasEnded, String url) {
  private static final String ENDED = "ended ";
  private static final String WORKS = "works ";

  static EndpointState works(Endpoint endpoint) {
    return new EndpointState(false, endpoint.url().toString());
  }

  static EndpointState ended(Endpoint endpoint) {
    return new EndpointState(true, endpoint.url().toString());
  }

  /** An endpoint that has moved begins anew. */
  boolean hasEnded(Endpoint endpoint) {
    return hasEnded && url.equals(endpoint.url().toString());
  }

  byte[] encode() {
    return ((hasEnded ? ENDED : WORKS) + url).getBytes(StandardCharsets.UTF_8);
  }

  static EndpointState decode(byte[] value) {
    String text = new String(value, StandardCharsets.UTF_8);
    return new EndpointState(text.startsWith(ENDED), text.substring(ENDED.length()));
  }
}

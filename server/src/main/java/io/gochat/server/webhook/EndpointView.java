package io.gochat.server.webhook;

/**
 * An endpoint, as operators see it. Immutable.
 *
 * @param name of it
 * @param url where it is
 * @param state {@code works}, {@code fails}, {@code ended}, {@code elsewhere}: another node tells it, or for a moment
 *     {@code starts}: what waits for it is being read
 * @param backlogBytes what waits for it
 * @param oldestMs for how long the oldest event has waited
 * @param deadLetters how many there are, as far as is known here; at most 10,001
 */
public record EndpointView(
    String name, String url, String state, long backlogBytes, long oldestMs, int deadLetters) {
  /** Of an endpoint that is told nothing, and of which only the dead letters are known. */
  static EndpointView untold(Endpoint endpoint, String state, int deadLetters) {
    return new EndpointView(endpoint.name(), endpoint.url().toString(), state, 0, 0, deadLetters);
  }
}

package io.gochat.client;

/**
 * Who the server says that we are. Immutable.
 *
 * @param userId our id
 * @param username our name
 */
public record Identity(long userId, String username) {
  /** The topic of our own inbox. */
  public Topic.User inbox() {
    return Topic.user(userId);
  }
}

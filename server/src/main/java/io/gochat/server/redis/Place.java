package io.gochat.server.redis;

/** Somebody in some room. Immutable. */
record Place(long roomId, long userId) {
  /** What {@link #toString} made. */
  static Place parse(String text) {
    int colon = text.indexOf(':');
    return new Place(
        Long.parseLong(text, 0, colon, 10), Long.parseLong(text, colon + 1, text.length(), 10));
  }

  @Override
  public String toString() {
    return roomId + ":" + userId;
  }
}

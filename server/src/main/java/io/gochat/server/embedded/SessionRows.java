package io.gochat.server.embedded;

import io.gochat.server.session.Session;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** How sessions are stored: by their id, and listed by their user. Stateless. */
final class SessionRows {
  /** The first byte of the keys that list a user's sessions; their values begin with the expiry too. */
  static final byte OF_USER = 'u';

  /** Between these are the keys of what was revoked of tokens that others issued. */
  static final byte[] FIRST_EXTERNAL = Keys.text(Session.EXTERNAL);

  static final byte[] BEHIND_EXTERNAL = behind(FIRST_EXTERNAL);

  private static final int MORE_BYTES = 1 + Long.BYTES + Integer.BYTES;

  private SessionRows() {}

  private static byte[] behind(byte[] prefix) {
    byte[] next = prefix.clone();
    next[next.length - 1]++;
    return next;
  }

  // A name has no NUL, so what follows one is what earlier versions did not store.
  static byte[] encode(Session session) {
    byte[] name = session.username().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 * Long.BYTES + name.length + MORE_BYTES)
        .putLong(session.expiresAtMs())
        .putLong(session.userId())
        .put(name)
        .put((byte) 0)
        .putLong(session.openedAtMs())
        .putInt(session.generation())
        .array();
  }

  static Session decode(String sessionId, byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    long expiresAtMs = in.getLong();
    long userId = in.getLong();
    int more = value.length - MORE_BYTES;
    if (more < in.position() || value[more] != 0) {
      String name = StandardCharsets.UTF_8.decode(in).toString();
      return new Session(sessionId, userId, name, expiresAtMs);
    }
    String name =
        StandardCharsets.UTF_8.decode(in.slice().limit(more - in.position())).toString();
    in.position(more + 1);
    return new Session(sessionId, userId, name, expiresAtMs, in.getLong(), in.getInt());
  }

  /** Where a user's sessions are found: behind all of those that are found by their id, which begin otherwise. */
  static byte[] ofUser(long userId, String sessionId) {
    byte[] id = Keys.text(sessionId);
    return ByteBuffer.allocate(1 + Long.BYTES + id.length)
        .put(OF_USER)
        .putLong(userId)
        .put(id)
        .array();
  }

  /** Without decoding the rest. */
  static long expiresAtMs(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }
}

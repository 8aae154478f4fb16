package io.gochat.server.embedded;

import io.gochat.server.session.Session;
import io.gochat.server.session.SessionStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

/** Sessions in RocksDB. Thread-safe. */
final class EmbeddedSessions implements SessionStore {
  /** The first byte of the keys that list a user's sessions; their values begin with the expiry too. */
  static final byte OF_USER = 'u';

  /** Between these are the keys of what was revoked of tokens that others issued. */
  static final byte[] FIRST_EXTERNAL = Keys.text(Session.EXTERNAL);

  static final byte[] BEHIND_EXTERNAL = behind(FIRST_EXTERNAL);

  private static final int MORE_BYTES = 1 + Long.BYTES + Integer.BYTES;

  private final Committer committer;
  private final ReadThreads reads;

  private static byte[] behind(byte[] prefix) {
    byte[] next = prefix.clone();
    next[next.length - 1]++;
    return next;
  }

  EmbeddedSessions(Committer committer, ReadThreads reads) {
    this.committer = committer;
    this.reads = reads;
  }

  @Override
  public CompletableFuture<Void> save(Session session) {
    RowWrite<Boolean> write = new RowWrite<>(commit -> {
      commit.mustSync();
      put(commit, session);
      return true;
    });
    return submit(write).thenAccept(done -> {});
  }

  @Override
  public CompletableFuture<Void> revoke(Session external) {
    return save(external); // there is no elsewhere to tell
  }

  private static void put(Commit commit, Session session) throws RocksDBException {
    commit.put(Family.SESSIONS, Keys.text(session.id()), encode(session));
    commit.put(
        Family.SESSIONS,
        ofUser(session.userId(), session.id()),
        Keys.ofLong(session.expiresAtMs()));
  }

  @Override
  public CompletableFuture<List<Session>> ofUser(long userId, int limit) {
    return reads.lookUp(database -> {
      List<Session> found = new ArrayList<>();
      byte[] from = ofUser(userId, "");
      try (Database.Scan scan = database.scan(Family.SESSIONS, from, ofUser(userId + 1, ""))) {
        for (boolean more = scan.first(); more && found.size() < limit; more = scan.next()) {
          byte[] key = scan.key();
          String id =
              new String(key, from.length, key.length - from.length, StandardCharsets.UTF_8);
          byte[] value = database.get(Family.SESSIONS, Keys.text(id));
          if (value != null) {
            found.add(decode(id, value));
          }
        }
      }
      return found;
    });
  }

  @Override
  public CompletableFuture<Optional<Session>> find(String sessionId) {
    return reads.lookUp(database -> {
      byte[] value = database.get(Family.SESSIONS, Keys.text(sessionId));
      return value == null ? Optional.empty() : Optional.of(decode(sessionId, value));
    });
  }

  @Override
  public CompletableFuture<Boolean> delete(String sessionId) {
    return submit(new RowWrite<>(commit -> {
      byte[] key = Keys.text(sessionId);
      byte[] value = commit.get(Family.SESSIONS, key);
      if (value == null) {
        return false;
      }
      commit.mustSync();
      commit.delete(Family.SESSIONS, key);
      commit.delete(Family.SESSIONS, ofUser(decode(sessionId, value).userId(), sessionId));
      return true;
    }));
  }

  @Override
  public CompletableFuture<Boolean> extend(String sessionId, long expiresAtMs) {
    return submit(new RowWrite<>(commit -> {
      byte[] key = Keys.text(sessionId);
      byte[] value = commit.get(Family.SESSIONS, key);
      if (value == null) {
        return false;
      }
      Session old = decode(sessionId, value);
      put(
          commit,
          new Session(
              sessionId,
              old.userId(),
              old.username(),
              expiresAtMs,
              old.openedAtMs(),
              old.generation()));
      return true;
    }));
  }

  @Override
  public void onDeletedElsewhere(Consumer<String> sessionIds) {
    // There is no elsewhere: one process owns the directory.
  }

  private <T> CompletableFuture<T> submit(RowWrite<T> write) {
    committer.submit(write);
    return write.result();
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

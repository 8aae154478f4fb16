package io.gochat.server.embedded;

import io.gochat.server.session.Session;
import io.gochat.server.session.SessionStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Sessions in RocksDB. Thread-safe. */
final class EmbeddedSessions implements SessionStore {
  private final Committer committer;
  private final ReadThreads reads;

  EmbeddedSessions(Committer committer, ReadThreads reads) {
    this.committer = committer;
    this.reads = reads;
  }

  @Override
  public CompletableFuture<Void> save(Session session) {
    RowWrite<Boolean> write = new RowWrite<>(commit -> {
      commit.mustSync();
      commit.put(Family.SESSIONS, Keys.text(session.id()), encode(session));
      return true;
    });
    return submit(write).thenAccept(done -> {});
  }

  @Override
  public CompletableFuture<Optional<Session>> find(String sessionId) {
    return reads.submit(database -> {
      byte[] value = database.get(Family.SESSIONS, Keys.text(sessionId));
      return value == null ? Optional.empty() : Optional.of(decode(sessionId, value));
    });
  }

  @Override
  public CompletableFuture<Boolean> delete(String sessionId) {
    return submit(new RowWrite<>(commit -> {
      byte[] key = Keys.text(sessionId);
      if (commit.get(Family.SESSIONS, key) == null) {
        return false;
      }
      commit.mustSync();
      commit.delete(Family.SESSIONS, key);
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
      commit.put(
          Family.SESSIONS,
          key,
          encode(new Session(sessionId, old.userId(), old.username(), expiresAtMs)));
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

  static byte[] encode(Session session) {
    byte[] name = session.username().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 * Long.BYTES + name.length)
        .putLong(session.expiresAtMs())
        .putLong(session.userId())
        .put(name)
        .array();
  }

  static Session decode(String sessionId, byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    long expiresAtMs = in.getLong();
    long userId = in.getLong();
    String name = StandardCharsets.UTF_8.decode(in).toString();
    return new Session(sessionId, userId, name, expiresAtMs);
  }

  /** Without decoding the rest. */
  static long expiresAtMs(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }
}

package io.gochat.server.embedded;

import io.gochat.server.session.Session;
import io.gochat.server.session.SessionStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

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
      StagedRows rows = commit.rows();
      rows.mustSync();
      put(rows, session);
      return true;
    });
    return submit(write).thenAccept(done -> {});
  }

  @Override
  public CompletableFuture<Void> revoke(Session external) {
    return save(external); // there is no elsewhere to tell
  }

  private static void put(StagedRows rows, Session session) throws RocksDBException {
    rows.put(Family.SESSIONS, Keys.text(session.id()), SessionRows.encode(session));
    rows.put(
        Family.SESSIONS,
        SessionRows.ofUser(session.userId(), session.id()),
        Keys.ofLong(session.expiresAtMs()));
  }

  @Override
  public CompletableFuture<List<Session>> ofUser(long userId, int limit) {
    return reads.lookUp(database -> {
      List<Session> found = new ArrayList<>();
      byte[] from = SessionRows.ofUser(userId, "");
      try (Database.Scan scan =
          database.scan(Family.SESSIONS, from, SessionRows.ofUser(userId + 1, ""))) {
        for (boolean more = scan.first(); more && found.size() < limit; more = scan.next()) {
          byte[] key = scan.key();
          String id =
              new String(key, from.length, key.length - from.length, StandardCharsets.UTF_8);
          byte[] value = database.get(Family.SESSIONS, Keys.text(id));
          if (value != null) {
            found.add(SessionRows.decode(id, value));
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
      return value == null ? Optional.empty() : Optional.of(SessionRows.decode(sessionId, value));
    });
  }

  @Override
  public CompletableFuture<Boolean> delete(String sessionId) {
    return submit(new RowWrite<>(commit -> {
      StagedRows rows = commit.rows();
      byte[] key = Keys.text(sessionId);
      byte[] value = rows.get(Family.SESSIONS, key);
      if (value == null) {
        return false;
      }
      rows.mustSync();
      rows.delete(Family.SESSIONS, key);
      rows.delete(
          Family.SESSIONS,
          SessionRows.ofUser(SessionRows.decode(sessionId, value).userId(), sessionId));
      return true;
    }));
  }

  @Override
  public CompletableFuture<Boolean> extend(String sessionId, long expiresAtMs) {
    return submit(new RowWrite<>(commit -> {
      StagedRows rows = commit.rows();
      byte[] key = Keys.text(sessionId);
      byte[] value = rows.get(Family.SESSIONS, key);
      if (value == null) {
        return false;
      }
      Session old = SessionRows.decode(sessionId, value);
      put(
          rows,
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
}

package io.gochat.server.redis;

import io.gochat.server.session.Session;
import io.gochat.server.session.SessionStore;
import io.lettuce.core.KeyValue;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Sessions in Redis: a hash each, which Redis drops at its expiry. Thread-safe. A deletion is also appended to a stream
 * that every node reads, see {@link Revocations}.
 */
final class RedisSessions implements SessionStore {
  private static final Script SAVE = Script.load("session");
  private static final Script EXTEND = Script.load("extend");
  private static final byte[] USER = Keys.bytes("user");
  private static final byte[] EXPIRES = Keys.bytes("expires");
  private static final byte[] NAME = Keys.bytes("name");

  private final RedisLink link;
  private final Revocations revocations;
  private final Continuity continuity;

  RedisSessions(RedisLink link, Revocations revocations, Continuity continuity) {
    this.link = link;
    this.continuity = continuity;
    this.revocations = revocations;
  }

  @Override
  public CompletableFuture<Void> save(Session session) {
    return Failures.translated(SAVE.call(
            link.commands(),
            new byte[][] {link.keys().session(session.id())},
            Keys.bytes(session.userId()),
            Keys.bytes(session.expiresAtMs()),
            Keys.bytes(session.username()))
        .thenAccept(done -> {}));
  }

  @Override
  public CompletableFuture<Optional<Session>> find(String sessionId) {
    return Failures.translated(link.commands()
        .hmget(link.keys().session(sessionId), USER, EXPIRES, NAME)
        .thenApply(fields -> {
          Optional<Session> found = decode(sessionId, fields);
          found.ifPresent(session -> continuity.sawUser(session.userId()));
          return found;
        }));
  }

  @Override
  public CompletableFuture<Boolean> delete(String sessionId) {
    // Told first: what the others cannot hear of must not happen. And told again: one of them may
    // have looked the session up between the two. Also when it was not there: who asks again after
    // a failure may not know that the first attempt got half way.
    return Failures.translated(revocations
        .tell(sessionId)
        .thenCompose(told -> link.commands().del(link.keys().session(sessionId)))
        .thenCompose(deleted -> revocations.tell(sessionId).thenApply(told -> deleted > 0)));
  }

  @Override
  public CompletableFuture<Boolean> extend(String sessionId, long expiresAtMs) {
    return Failures.translated(EXTEND
        .call(
            link.commands(), new byte[][] {link.keys().session(sessionId)}, Keys.bytes(expiresAtMs))
        .thenApply(answer -> (Long) answer.get(0) == 1));
  }

  @Override
  public void onDeletedElsewhere(Consumer<String> sessionIds) {
    revocations.onDeleted(sessionIds);
  }

  @Override
  public void onDeletionsMissed(Runnable listener) {
    revocations.onMissed(listener);
  }

  private static Optional<Session> decode(String sessionId, List<KeyValue<byte[], byte[]>> fields) {
    for (KeyValue<byte[], byte[]> field : fields) {
      if (field.isEmpty()) {
        return Optional.empty();
      }
    }
    return Optional.of(new Session(
        sessionId,
        Keys.number(fields.get(0).getValue()),
        Keys.text(fields.get(2).getValue()),
        Keys.number(fields.get(1).getValue())));
  }
}

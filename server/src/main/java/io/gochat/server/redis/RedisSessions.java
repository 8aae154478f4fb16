package io.gochat.server.redis;

import io.gochat.server.session.Session;
import io.gochat.server.session.SessionStore;
import io.lettuce.core.KeyValue;
import io.lettuce.core.XAddArgs;
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
  // More than are revoked while a node is away for a minute; who was away longer forgets all it
  // knows.
  private static final XAddArgs BOUNDED = XAddArgs.Builder.maxlen(100_000).approximateTrimming();

  private final RedisLink link;
  private final Revocations revocations;

  RedisSessions(RedisLink link, Revocations revocations) {
    this.link = link;
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
        .thenApply(fields -> decode(sessionId, fields)));
  }

  @Override
  public CompletableFuture<Boolean> delete(String sessionId) {
    // Both are sent at once. Told even when it was not there: who asks again after a failure may
    // not know that the
    // first attempt got half way.
    CompletableFuture<Long> deleted =
        link.commands().del(link.keys().session(sessionId)).toCompletableFuture();
    CompletableFuture<String> told = link.commands()
        .xadd(link.keys().revocations, BOUNDED, revocations.entry(sessionId))
        .toCompletableFuture();
    return Failures.translated(deleted.thenCombine(told, (count, id) -> count > 0));
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

package io.gochat.server.redis;

import io.gochat.server.session.Session;
import io.gochat.server.session.SessionStore;
import io.lettuce.core.KeyValue;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
  private static final byte[] OPENED = Keys.bytes("opened");
  private static final byte[] GENERATION = Keys.bytes("generation");
  private static final Script LISTED = Script.load("listed");
  private static final long MAX_LISTED = 10_000;

  private final RedisLink link;
  private final Revocations revocations;
  private final Continuity continuity;

  RedisSessions(RedisLink link, Revocations revocations, Continuity continuity) {
    this.link = link;
    this.continuity = continuity;
    this.revocations = revocations;
  }

  // Listed first: what is listed and not there is skipped,
  // what is there and not listed would not be seen.
  @Override
  public CompletableFuture<Void> save(Session session) {
    return Failures.translated(listed(session.userId(), session.id(), session.expiresAtMs())
        .thenCompose(listed -> write(session))
        .thenAccept(done -> {}));
  }

  private CompletionStage<List<Object>> write(Session session) {
    return SAVE.call(
        link.commands(), new byte[][] {link.keys().session(session.id())}, arguments(session));
  }

  /** What the script that saves a session takes. */
  static byte[][] arguments(Session session) {
    return new byte[][] {
      Keys.bytes(session.userId()),
      Keys.bytes(session.expiresAtMs()),
      Keys.bytes(session.username()),
      Keys.bytes(session.openedAtMs()),
      Keys.bytes(session.generation())
    };
  }

  private CompletionStage<List<Object>> listed(long userId, String sessionId, long expiresAtMs) {
    return LISTED.call(
        link.commands(),
        new byte[][] {link.keys().sessionsOf(userId)},
        Keys.bytes(sessionId),
        Keys.bytes(expiresAtMs),
        Keys.bytes(MAX_LISTED));
  }

  @Override
  public CompletableFuture<Void> revoke(Session external) {
    return Failures.translated(revocations
        .tellDeleted(external.id())
        .thenCompose(told -> write(external))
        .thenCompose(written -> revocations.tellDeleted(external.id())));
  }

  @Override
  public CompletableFuture<Optional<Session>> find(String sessionId) {
    return Failures.translated(stored(sessionId));
  }

  private CompletionStage<Optional<Session>> stored(String sessionId) {
    return link.commands()
        .hmget(link.keys().session(sessionId), USER, EXPIRES, NAME, OPENED, GENERATION)
        .thenApply(fields -> {
          Optional<Session> found = decode(sessionId, fields);
          found.ifPresent(session -> continuity.sawUser(session.userId()));
          return found;
        });
  }

  @Override
  public CompletableFuture<List<Session>> ofUser(long userId, int limit) {
    return Failures.translated(link.commands()
        .zrevrange(link.keys().sessionsOf(userId), 0, limit - 1L)
        .thenCompose(ids -> {
          List<CompletableFuture<Optional<Session>>> found = ids.stream()
              .map(id -> stored(Keys.text(id)).toCompletableFuture())
              .toList();
          return CompletableFuture.allOf(found.toArray(new CompletableFuture<?>[0]))
              .thenApply(done ->
                  found.stream().flatMap(session -> session.join().stream()).toList());
        }));
  }

  @Override
  public CompletableFuture<Boolean> delete(String sessionId) {
    // Told first: what the others cannot hear of must not happen. And told again: one of them may
    // have looked the session up between the two. Also when it was not there: who asks again after
    // a failure may not know that the first attempt got half way.
    return Failures.translated(revocations
        .tellDeleted(sessionId)
        .thenCompose(told -> link.commands().hget(link.keys().session(sessionId), USER))
        .thenCompose(user -> user == null
            ? CompletableFuture.completedStage(0L)
            : link.commands()
                .zrem(link.keys().sessionsOf(Keys.number(user)), Keys.bytes(sessionId)))
        .thenCompose(unlisted -> link.commands().del(link.keys().session(sessionId)))
        .thenCompose(deleted -> revocations.tellDeleted(sessionId).thenApply(told -> deleted > 0)));
  }

  @Override
  public CompletableFuture<Boolean> extend(String sessionId, long expiresAtMs) {
    return Failures.translated(EXTEND
        .call(
            link.commands(), new byte[][] {link.keys().session(sessionId)}, Keys.bytes(expiresAtMs))
        .thenCompose(answer -> (Long) answer.get(0) == 1
            ? listed((Long) answer.get(1), sessionId, expiresAtMs).thenApply(listed -> true)
            : CompletableFuture.completedStage(false)));
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
    for (KeyValue<byte[], byte[]> field : fields.subList(0, 3)) {
      if (field.isEmpty()) {
        return Optional.empty();
      }
    }
    // Earlier versions write no more than that.
    long openedAtMs = fields.get(3).map(Keys::number).getValueOrElse(0L);
    long generation = fields.get(4).map(Keys::number).getValueOrElse(0L);
    return Optional.of(new Session(
        sessionId,
        Keys.number(fields.get(0).getValue()),
        Keys.text(fields.get(2).getValue()),
        Keys.number(fields.get(1).getValue()),
        openedAtMs,
        (int) generation));
  }
}

package io.gochat.server.session;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Sessions in a map. Thread-safe. Can be told to fail, and to hold back what it has read. */
final class InMemorySessionStore implements SessionStore {
  final Map<String, Session> sessions = new ConcurrentHashMap<>();
  final AtomicInteger finds = new AtomicInteger();
  final AtomicInteger extensions = new AtomicInteger();
  volatile boolean failing;
  volatile boolean holdingBack;
  private final Queue<Runnable> heldBack = new ArrayDeque<>();
  // One per node.
  private final List<Consumer<String>> elsewhere = new CopyOnWriteArrayList<>();

  @Override
  public CompletableFuture<Void> save(Session session) {
    if (failing) {
      return down();
    }
    sessions.put(session.id(), session);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Optional<Session>> find(String sessionId) {
    finds.incrementAndGet();
    if (failing) {
      return down();
    }
    Optional<Session> found = Optional.ofNullable(sessions.get(sessionId));
    CompletableFuture<Optional<Session>> answer = new CompletableFuture<>();
    if (holdingBack) {
      heldBack.add(() -> answer.complete(found));
    } else {
      answer.complete(found);
    }
    return answer;
  }

  @Override
  public CompletableFuture<List<Session>> ofUser(long userId, int limit) {
    return failing
        ? down()
        : CompletableFuture.completedFuture(sessions.values().stream()
            .filter(session -> session.userId() == userId)
            .limit(limit)
            .toList());
  }

  @Override
  public CompletableFuture<Void> revoke(Session external) {
    return save(external);
  }

  @Override
  public CompletableFuture<Boolean> delete(String sessionId) {
    return failing ? down() : CompletableFuture.completedFuture(sessions.remove(sessionId) != null);
  }

  @Override
  public CompletableFuture<Boolean> extend(String sessionId, long expiresAtMs) {
    extensions.incrementAndGet();
    return failing
        ? down()
        : CompletableFuture.completedFuture(
            sessions.computeIfPresent(sessionId, (id, old) -> old.expiringAt(expiresAtMs)) != null);
  }

  @Override
  public void onDeletedElsewhere(Consumer<String> sessionIds) {
    elsewhere.add(sessionIds);
  }

  void deleteElsewhere(String sessionId) {
    sessions.remove(sessionId);
    elsewhere.forEach(node -> node.accept(sessionId));
  }

  /** Answers the look-ups that were held back with what they had read. */
  void letGo() {
    holdingBack = false;
    for (Runnable answer = heldBack.poll(); answer != null; answer = heldBack.poll()) {
      answer.run();
    }
  }

  private static <T> CompletableFuture<T> down() {
    return CompletableFuture.failedFuture(new IllegalStateException("down"));
  }
}

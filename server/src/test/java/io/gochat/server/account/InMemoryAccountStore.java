package io.gochat.server.account;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Accounts in two maps. Thread-safe. Can be told to fail. */
final class InMemoryAccountStore implements AccountStore {
  private final Map<String, Account> byKey = new ConcurrentHashMap<>();
  private final Map<Long, Account> byId = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  final AtomicInteger finds = new AtomicInteger();
  volatile boolean failing;

  @Override
  public CompletableFuture<Optional<Account>> create(
      String username, String key, String passwordHash) {
    if (failing) {
      return down();
    }
    Account account = new Account(ids.incrementAndGet(), username, passwordHash);
    if (byKey.putIfAbsent(key, account) != null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    byId.put(account.userId(), account);
    return CompletableFuture.completedFuture(Optional.of(account));
  }

  @Override
  public CompletableFuture<Optional<Account>> findByKey(String key) {
    finds.incrementAndGet();
    return failing
        ? down()
        : CompletableFuture.completedFuture(Optional.ofNullable(byKey.get(key)));
  }

  @Override
  public CompletableFuture<Optional<Account>> findById(long userId) {
    finds.incrementAndGet();
    return failing
        ? down()
        : CompletableFuture.completedFuture(Optional.ofNullable(byId.get(userId)));
  }

  private static <T> CompletableFuture<T> down() {
    return CompletableFuture.failedFuture(new IllegalStateException("down"));
  }
}

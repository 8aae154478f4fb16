package io.gochat.server.account;

import io.gochat.server.account.Account.Logins;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.Account.Status;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Accounts in two maps. Thread-safe. Can be told to fail. */
final class InMemoryAccountStore implements AccountStore {
  private final Map<String, Long> byKey = new ConcurrentHashMap<>();
  private final Map<Long, Account> byId = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  final AtomicInteger finds = new AtomicInteger();
  volatile boolean failing;

  @Override
  public CompletableFuture<Optional<Account>> create(
      String username, String key, String passwordHash, @Nullable Origin origin) {
    if (failing) {
      return down();
    }
    Account account = new Account(
        ids.incrementAndGet(), username, passwordHash, origin, Status.ACTIVE, Logins.ALL);
    byId.put(account.userId(), account);
    if (byKey.putIfAbsent(key, account.userId()) != null) {
      byId.remove(account.userId());
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return CompletableFuture.completedFuture(Optional.of(account));
  }

  @Override
  public CompletableFuture<Boolean> replace(Account known, Account changed) {
    return failing
        ? down()
        : CompletableFuture.completedFuture(byId.replace(known.userId(), known, changed));
  }

  @Override
  public CompletableFuture<Optional<Account>> findByKey(String key) {
    finds.incrementAndGet();
    return failing
        ? down()
        : CompletableFuture.completedFuture(Optional.ofNullable(byKey.get(key)).map(byId::get));
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

package io.gochat.server.account;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.Account.Status;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of the store, with a bounded number of them in memory. Thread-safe; nothing blocks. Only what exists is
 * remembered: a name that is free now may be taken on another node a moment later.
 */
final class Directory {
  private static final int CHANGE_ATTEMPTS = 5;
  private static final int RETRY_MS = 1_000;

  private final AccountStore store;
  private final AccountCache<Long, Account> byId;
  private final AccountCache<String, Long> idByKey;
  private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();

  Directory(AccountStore store, int cached, MeterRegistry meters) {
    this.store = store;
    this.byId = new AccountCache<>(cached);
    this.idByKey = new AccountCache<>(cached);
    Gauge.builder("gochat.account.cached", byId, AccountCache::size)
        .description("Accounts that are remembered")
        .register(meters);
    store.onChangedElsewhere(this::changed);
    store.onChangesMissed(() -> {
      byId.clear();
      idByKey.clear();
    });
  }

  /** Who hears of each account that was changed here or elsewhere. */
  void onChanged(LongConsumer userIds) {
    listeners.add(userIds);
  }

  /** By id, whatever its status; at once when cached. */
  CompletableFuture<Optional<Account>> ofAnyStatus(long userId) {
    Account cached = byId.get(userId);
    if (cached != null) {
      return CompletableFuture.completedFuture(Optional.of(cached));
    }
    long seen = byId.changes();
    return store.findById(userId).thenApply(found -> remember(found, seen));
  }

  // By the earlier key first: whoever registered under it must neither be locked out by somebody
  // whose name means the same by now, nor be taken for that one.
  CompletableFuture<Optional<Account>> find(Usernames.Verdict.Valid name) {
    if (name.earlierKey().equals(name.key())) {
      return findByKey(name.key());
    }
    return findByKey(name.earlierKey())
        .thenCompose(found ->
            found.isPresent() ? CompletableFuture.completedFuture(found) : findByKey(name.key()));
  }

  // Which account a name belongs to never changes; what the account is may.
  private CompletableFuture<Optional<Account>> findByKey(String key) {
    Long known = idByKey.get(key);
    if (known != null) {
      return ofAnyStatus(known);
    }
    long seen = byId.changes();
    return store.findByKey(key).thenApply(found -> {
      found.ifPresent(account -> idByKey.put(key, account.userId(), idByKey.changes()));
      return remember(found, seen);
    });
  }

  private Optional<Account> remember(Optional<Account> found, long seen) {
    found.ifPresent(account -> byId.put(account.userId(), account, seen));
    return found;
  }

  /** Makes an account, unless the name is taken. */
  CompletableFuture<Optional<Account>> create(
      Usernames.Verdict.Valid name, String passwordHash, @Nullable Origin origin) {
    return store.create(name.name(), name.key(), passwordHash, origin);
  }

  /** Puts one account in the place of another, if that is still the one that counts. */
  CompletableFuture<Boolean> replace(Account known, Account changed) {
    return store
        .replace(known, changed)
        .whenComplete((done, failure) -> byId.forget(known.userId()));
  }

  /** Changes an account, whoever else does so meanwhile, and tells everybody. */
  CompletableFuture<ChangeResult> change(long userId, UnaryOperator<Account> change) {
    return change(userId, change, CHANGE_ATTEMPTS);
  }

  private CompletableFuture<ChangeResult> change(
      long userId, UnaryOperator<Account> change, int attempts) {
    return store.findById(userId).thenCompose(found -> {
      if (found.isEmpty() || found.get().status() == Status.DELETED) {
        return completed(new ChangeResult.Refused(ErrorKind.RECIPIENT_UNKNOWN, "no such user", 0));
      }
      Account changed = change.apply(found.get());
      return store.replace(found.get(), changed).thenCompose(replaced -> {
        changed(userId);
        if (replaced) {
          return completed(new ChangeResult.Changed(changed));
        }
        return attempts > 0
            ? change(userId, change, attempts - 1)
            : completed(new ChangeResult.Refused(
                ErrorKind.OVERLOADED, "others change this account too", RETRY_MS));
      });
    });
  }

  private void changed(long userId) {
    byId.forget(userId);
    for (LongConsumer listener : listeners) {
      listener.accept(userId);
    }
  }

  private static CompletableFuture<ChangeResult> completed(ChangeResult result) {
    return CompletableFuture.completedFuture(result);
  }

  static Optional<Account> unlessDeleted(Optional<Account> found) {
    return found.filter(account -> account.status() != Status.DELETED);
  }
}

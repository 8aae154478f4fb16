package io.gochat.server.account;

import io.gochat.server.account.Account.Origin;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where accounts live. Thread-safe; no method blocks; futures complete on the store's threads, exceptionally when the
 * store is unavailable.
 */
public interface AccountStore {
  /**
   * Creates an account with a new id, unless the key is taken; of two at the same moment exactly one wins. Durable
   * when it completes.
   *
   * @param username as shown
   * @param key the name after NFC and case folding, unique
   * @param passwordHash empty: it has none
   * @param origin who else vouches for it; null: nobody
   * @return the account, or empty when the key is taken
   */
  CompletableFuture<Optional<Account>> create(
      String username, String key, String passwordHash, @Nullable Origin origin);

  /** An account with a password. */
  default CompletableFuture<Optional<Account>> create(
      String username, String key, String passwordHash) {
    return create(username, key, passwordHash, null);
  }

  /**
   * Puts {@code changed} in the place of {@code known}, which has the same id and name, unless it is no longer what is
   * stored; completes with whether it was. Durable, and told to the other nodes, when it completes.
   */
  CompletableFuture<Boolean> replace(Account known, Account changed);

  /** By the key of the name, whatever its status. */
  CompletableFuture<Optional<Account>> findByKey(String key);

  /** By id, whatever its status. */
  CompletableFuture<Optional<Account>> findById(long userId);

  /** Who hears of accounts that other nodes changed. Set once; the embedded store has no other nodes. */
  default void onChangedElsewhere(LongConsumer userIds) {}

  /** Who is told that what is remembered of accounts may not be true any more. Set once. */
  default void onChangesMissed(Runnable listener) {}
}

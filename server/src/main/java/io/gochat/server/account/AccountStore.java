package io.gochat.server.account;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

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
   * @return the account, or empty when the key is taken
   */
  CompletableFuture<Optional<Account>> create(String username, String key, String passwordHash);

  /** By the key of the name. */
  CompletableFuture<Optional<Account>> findByKey(String key);

  /** By id. */
  CompletableFuture<Optional<Account>> findById(long userId);

  /** Who is told that what is remembered of accounts may not be true any more. Set once. */
  default void onChangesMissed(Runnable listener) {}
}

package io.gochat.server.redis;

import io.gochat.server.account.Account;
import io.gochat.server.account.AccountStore;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Accounts in Redis. Thread-safe. One key per name is the truth, and {@code SET NX} decides who gets it; a key per id
 * points to the name. It is written first, so that an account is never found by its name alone; what it points to counts
 * only if it points back.
 */
final class RedisAccounts implements AccountStore {
  private static final SetArgs IF_ABSENT = SetArgs.Builder.nx();
  private static final int ID_ATTEMPTS = 100;

  private final RedisLink link;
  private final Continuity continuity;
  private volatile Runnable forget = () -> {};

  RedisAccounts(RedisLink link, Continuity continuity) {
    this.link = link;
    this.continuity = continuity;
  }

  @Override
  public CompletableFuture<Optional<Account>> create(
      String username, String key, String passwordHash) {
    return Failures.translated(reserveId(key, ID_ATTEMPTS).thenCompose(id -> {
      Account account = new Account(id, username, passwordHash);
      return link.commands()
          .set(link.keys().name(key), encode(account), IF_ABSENT)
          .thenCompose(set -> set != null
              ? CompletableFuture.completedStage(Optional.of(account))
              : link.commands()
                  .del(link.keys().user(id))
                  .thenApply(gone -> Optional.<Account>empty()));
    }));
  }

  @Override
  public CompletableFuture<Optional<Account>> findByKey(String key) {
    return Failures.translated(byKey(key));
  }

  @Override
  public CompletableFuture<Optional<Account>> findById(long userId) {
    return Failures.translated(link.commands()
        .get(link.keys().user(userId))
        .thenCompose(key -> key == null
            ? CompletableFuture.completedStage(Optional.<Account>empty())
            : byKey(Keys.text(key)))
        .thenApply(found -> found.filter(account -> account.userId() == userId)));
  }

  @Override
  public void onChangesMissed(Runnable listener) {
    forget = listener;
  }

  /** What is remembered elsewhere may be of another life of Redis. */
  void mayDiffer() {
    forget.run();
  }

  // An id may be there already when the counter lost what it had given out.
  private CompletionStage<Long> reserveId(String key, int attempts) {
    return continuity
        .newUserId()
        .thenCompose(id -> link.commands()
            .set(link.keys().user(id), Keys.bytes(key), IF_ABSENT)
            .thenCompose(set -> {
              if (set != null) {
                continuity.sawUser(id);
                return CompletableFuture.completedStage(id);
              }
              return attempts == 0
                  ? CompletableFuture.failedStage(new IllegalStateException("no free user id"))
                  : reserveId(key, attempts - 1);
            }));
  }

  private CompletionStage<Optional<Account>> byKey(String key) {
    return link.commands().get(link.keys().name(key)).thenApply(value -> {
      Optional<Account> found = Optional.ofNullable(value).map(RedisAccounts::decode);
      found.ifPresent(account -> continuity.sawUser(account.userId()));
      return found;
    });
  }

  // Three lines; the name is last, because it may contain anything but a line break.
  static byte[] encode(Account account) {
    return Keys.bytes(account.userId() + "\n" + account.passwordHash() + "\n" + account.username());
  }

  private static Account decode(byte[] value) {
    String[] lines = new String(value, StandardCharsets.UTF_8).split("\n", 3);
    if (lines.length != 3) {
      throw new IllegalStateException("a stored account has " + lines.length + " lines");
    }
    return new Account(Long.parseLong(lines[0]), lines[2], lines[1]);
  }
}

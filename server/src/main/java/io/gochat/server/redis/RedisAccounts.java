package io.gochat.server.redis;

import io.gochat.server.account.Account;
import io.gochat.server.account.Account.Logins;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.Account.Status;
import io.gochat.server.account.AccountStore;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Accounts in Redis. Thread-safe. One key per name is the truth, and {@code SET NX} decides who gets it; a key per id
 * points to the name. It is written first, so that an account is never found by its name alone; what it points to counts
 * only if it points back.
 */
final class RedisAccounts implements AccountStore {
  private static final SetArgs IF_ABSENT = SetArgs.Builder.nx();
  private static final int ID_ATTEMPTS = 100;

  private static final Script EXCHANGE = Script.load("exchange");

  private final RedisLink link;
  private final Continuity continuity;
  private final Revocations revocations;
  private volatile Runnable forget = () -> {};

  RedisAccounts(RedisLink link, Continuity continuity, Revocations revocations) {
    this.link = link;
    this.continuity = continuity;
    this.revocations = revocations;
  }

  @Override
  public CompletableFuture<Optional<Account>> create(
      String username, String key, String passwordHash, @Nullable Origin origin) {
    return Failures.translated(reserveId(key, ID_ATTEMPTS).thenCompose(id -> {
      Account account = new Account(id, username, passwordHash, origin, Status.ACTIVE, Logins.ALL);
      return link.commands()
          .set(link.keys().name(key), encode(account), IF_ABSENT)
          .thenCompose(set -> set != null
              ? CompletableFuture.completedStage(Optional.of(account))
              : link.commands()
                  .del(link.keys().user(id))
                  .thenApply(gone -> Optional.<Account>empty()));
    }));
  }

  // Told first: what the others cannot hear of must not happen. And told again: one may have looked
  // the account up between the two. Also when nothing was replaced: who asks again after a
  // failure may not know that the first attempt got half way.
  @Override
  public CompletableFuture<Boolean> replace(Account known, Account changed) {
    return Failures.translated(link.commands()
        .get(link.keys().user(known.userId()))
        .thenCompose(key -> key == null
            ? CompletableFuture.completedStage(false)
            : revocations
                .tellChanged(known.userId())
                .thenCompose(told -> EXCHANGE.call(
                    link.commands(),
                    new byte[][] {link.keys().name(Keys.text(key))},
                    encode(known),
                    encode(changed)))
                .thenCompose(answer -> revocations
                    .tellChanged(known.userId())
                    .thenApply(told -> (Long) answer.get(0) == 1))));
  }

  @Override
  public void onChangedElsewhere(LongConsumer userIds) {
    revocations.onChanged(userIds);
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
    revocations.onMissed(listener);
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

  // Three lines; the name is last, because it may contain anything but a line break. What there is
  // beside a password stands behind its hash, set apart by tabs, where earlier versions take it
  // for a part of a hash that nothing matches.
  static byte[] encode(Account account) {
    String beside =
        account.origin() == null && account.isActive() && account.logins().equals(Logins.ALL)
            ? ""
            : beside(account);
    return Keys.bytes(
        account.userId() + "\n" + account.passwordHash() + beside + "\n" + account.username());
  }

  @SuppressWarnings("EnumOrdinal") // stored: a new status only ever comes last
  private static String beside(Account account) {
    Origin origin = account.origin();
    Logins logins = account.logins();
    return String.join(
        "\t",
        "",
        Integer.toString(account.status().code()),
        Integer.toString(logins.generation()),
        logins.spared(),
        Long.toString(logins.tokensFromMs()),
        origin == null ? "-" : base64(origin.issuer()) + "." + base64(origin.subject()));
  }

  @SuppressWarnings("EnumOrdinal")
  private static Account decode(byte[] value) {
    String[] lines = new String(value, StandardCharsets.UTF_8).split("\n", 3);
    if (lines.length != 3) {
      throw new IllegalStateException("a stored account has " + lines.length + " lines");
    }
    long userId = Long.parseLong(lines[0]);
    String[] beside = lines[1].split("\t", -1);
    if (beside.length == 1) {
      return new Account(userId, lines[2], lines[1]);
    }
    return new Account(
        userId,
        lines[2],
        beside[0],
        origin(beside[5]),
        Status.ofCode(Integer.parseInt(beside[1])),
        new Logins(Integer.parseInt(beside[2]), beside[3], Long.parseLong(beside[4])));
  }

  private static @Nullable Origin origin(String text) {
    int dot = text.indexOf('.');
    return dot < 0
        ? null
        : new Origin(fromBase64(text.substring(0, dot)), fromBase64(text.substring(dot + 1)));
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder().encodeToString(Keys.bytes(text));
  }

  private static String fromBase64(String text) {
    return Keys.text(Base64.getUrlDecoder().decode(text));
  }
}

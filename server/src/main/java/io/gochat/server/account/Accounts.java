package io.gochat.server.account;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.account.PasswordHasher.Turn;
import io.gochat.server.bounds.AddressKey;
import io.gochat.server.bounds.RateLimit;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Registration, login and look-up of users. Thread-safe; nothing blocks. Futures complete on the hasher's or the
 * store's threads, or at once; they complete exceptionally with what the store failed with.
 *
 * <p>Failed logins are limited per (name, address) and per address, never per name alone, so that nobody can lock
 * another person out. A limit counts failures only, and is looked at twice: before the password is hashed, to save the
 * work, and after it, because a thousand guesses sent at once all pass the first look. Of those, only as many as the
 * limit allows get an answer; the others hear "too many", right or wrong. Attempts are limited beside them, more
 * generously, because a right password costs as much to check as a wrong one.
 *
 * <p>What waits for a hash takes turns by address, and within an address by name, all registrations being one: a crowd
 * that logs in or registers delays itself, and nobody else.
 */
public final class Accounts implements AutoCloseable {
  private static final int MAX_LIMITED_KEYS = 100_000;
  private static final String FAILED = "failed";
  private static final Object REGISTERING = new Object();

  private final AccountStore store;
  private final PasswordHasher hasher;
  private final RateLimit<Guess> attempts;
  private final RateLimit<AddressKey> addressAttempts;
  private final RateLimit<Guess> guesses;
  private final RateLimit<AddressKey> failures;
  private final RateLimit<AddressKey> registrations;
  private final AccountCache<Long> byId;
  private final AccountCache<String> byKey;
  private final MeterRegistry metrics;

  private record Guess(String nameKey, AddressKey from) {
    Turn turn() {
      return new Turn(from, nameKey);
    }
  }

  /** Starts the password hasher; {@link #close} stops it. Limits count by {@code monotonicMs}. */
  public Accounts(
      AccountStore store, AccountOptions options, LongSupplier monotonicMs, MeterRegistry metrics) {
    this(
        store,
        options,
        PasswordHasher.start(
            options.bcryptCost(), options.hasherThreads(), options.hasherQueue(), metrics),
        monotonicMs,
        metrics);
  }

  Accounts(
      AccountStore store,
      AccountOptions options,
      PasswordHasher hasher,
      LongSupplier monotonicMs,
      MeterRegistry metrics) {
    this.store = store;
    this.metrics = metrics;
    this.hasher = hasher;
    this.attempts = RateLimit.perMinute(options.loginsPerMinute(), MAX_LIMITED_KEYS, monotonicMs);
    this.addressAttempts =
        RateLimit.perMinute(options.addressLoginsPerMinute(), MAX_LIMITED_KEYS, monotonicMs);
    this.guesses =
        RateLimit.perMinute(options.loginFailuresPerMinute(), MAX_LIMITED_KEYS, monotonicMs);
    this.failures =
        RateLimit.perMinute(options.addressFailuresPerMinute(), MAX_LIMITED_KEYS, monotonicMs);
    this.registrations =
        RateLimit.perMinute(options.registrationsPerMinute(), MAX_LIMITED_KEYS, monotonicMs);
    this.byId = new AccountCache<>(options.cachedAccounts());
    this.byKey = new AccountCache<>(options.cachedAccounts());
    store.onChangesMissed(() -> {
      byId.clear();
      byKey.clear();
    });
    Gauge.builder("gochat.account.cached", byId, AccountCache::size).register(metrics);
  }

  /** Creates an account, unless the name is taken. */
  public CompletableFuture<RegisterResult> register(
      String username, String password, InetAddress from) {
    return tryRegister(username, password, AddressKey.of(from))
        .whenComplete((result, failure) ->
            count("gochat.account.registrations", failure == null ? outcome(result) : FAILED));
  }

  /** Checks name and password. */
  public CompletableFuture<LoginResult> login(String username, String password, InetAddress from) {
    return tryLogin(username, password, AddressKey.of(from))
        .whenComplete((result, failure) ->
            count("gochat.account.logins", failure == null ? outcome(result) : FAILED));
  }

  /** By id; at once when cached. */
  public CompletableFuture<Optional<Account>> byId(long userId) {
    Account cached = byId.get(userId);
    return cached != null
        ? CompletableFuture.completedFuture(Optional.of(cached))
        : store.findById(userId).thenApply(this::remember);
  }

  /** By name, in any case and Unicode form; at once when cached, empty when it cannot be a name. */
  public CompletableFuture<Optional<Account>> byName(String username) {
    return Usernames.judge(username) instanceof Usernames.Verdict.Valid valid
        ? find(valid)
        : CompletableFuture.completedFuture(Optional.empty());
  }

  /** Stops hashing; what waits is refused. */
  @Override
  public void close() {
    hasher.close();
  }

  private CompletableFuture<RegisterResult> tryRegister(
      String username, String password, AddressKey from) {
    Usernames.Verdict verdict = Usernames.judge(username);
    if (verdict instanceof Usernames.Verdict.Invalid invalid) {
      return completed(notRegistered(ErrorKind.INVALID_ARGUMENT, invalid.detail(), 0));
    }
    String problem = Passwords.problemWith(password);
    if (problem != null) {
      return completed(notRegistered(ErrorKind.INVALID_ARGUMENT, problem, 0));
    }
    int waitMs = registrations.take(from);
    if (waitMs > 0) {
      return completed(
          notRegistered(ErrorKind.TOO_MANY, "too many registrations from this address", waitMs));
    }
    Usernames.Verdict.Valid name = (Usernames.Verdict.Valid) verdict;
    return find(name)
        .thenCompose(taken -> taken.isPresent()
            ? completed((RegisterResult) new RegisterResult.NameTaken())
            : create(name, password, from))
        .exceptionallyCompose(failure -> {
          registrations.giveBack(from);
          return isQueueFull(failure)
              ? completed(
                  notRegistered(ErrorKind.OVERLOADED, "too many logins", hasher.retryAfterMs()))
              : CompletableFuture.failedFuture(failure);
        });
  }

  private CompletableFuture<RegisterResult> create(
      Usernames.Verdict.Valid name, String password, AddressKey from) {
    return hasher
        .hash(password, new Turn(from, REGISTERING))
        .thenCompose(hash -> store.create(name.name(), name.key(), hash))
        .thenApply(created -> {
          remember(created);
          return created.isPresent()
              ? new RegisterResult.Registered(created.get())
              : new RegisterResult.NameTaken();
        });
  }

  private CompletableFuture<LoginResult> tryLogin(
      String username, String password, AddressKey from) {
    Usernames.Verdict verdict = Usernames.judge(username);
    if (verdict instanceof Usernames.Verdict.Invalid invalid) {
      return completed(notLoggedIn(ErrorKind.INVALID_ARGUMENT, invalid.detail(), 0));
    }
    String problem = Passwords.problemWith(password);
    if (problem != null) {
      return completed(notLoggedIn(ErrorKind.INVALID_ARGUMENT, problem, 0));
    }
    Usernames.Verdict.Valid name = (Usernames.Verdict.Valid) verdict;
    Guess guess = new Guess(name.key(), from);
    int waitMs = waitMs(guess);
    if (waitMs > 0) {
      return completed(tooManyFailures(waitMs));
    }
    int attemptMs = Math.max(attempts.take(guess), addressAttempts.take(from));
    if (attemptMs > 0) {
      return completed(notLoggedIn(ErrorKind.TOO_MANY, "too many logins", attemptMs));
    }
    return find(name)
        .thenCompose(found -> check(found.orElse(null), password, guess))
        .exceptionallyCompose(failure -> isQueueFull(failure)
            ? completed(notLoggedIn(ErrorKind.OVERLOADED, "too many logins", hasher.retryAfterMs()))
            : CompletableFuture.failedFuture(failure));
  }

  // An unknown name costs the same hash as a wrong password, so that the time does not tell which
  // names exist.
  private CompletableFuture<LoginResult> check(
      @Nullable Account account, String password, Guess guess) {
    return hasher
        .matches(password, account == null ? null : account.passwordHash(), guess.turn())
        .thenApply(matches -> verdict(matches ? account : null, guess));
  }

  private LoginResult verdict(@Nullable Account right, Guess guess) {
    int waitMs =
        right == null ? Math.max(guesses.take(guess), failures.take(guess.from())) : waitMs(guess);
    if (waitMs > 0) {
      return tooManyFailures(waitMs);
    }
    return right == null
        ? notLoggedIn(ErrorKind.BAD_CREDENTIALS, "wrong name or password", 0)
        : new LoginResult.LoggedIn(right);
  }

  private int waitMs(Guess guess) {
    return Math.max(guesses.waitMs(guess), failures.waitMs(guess.from()));
  }

  // By the earlier key first: whoever registered under it must neither be locked out by another
  // whose
  // name means the same by now, nor be taken for that other.
  private CompletableFuture<Optional<Account>> find(Usernames.Verdict.Valid name) {
    if (name.earlierKey().equals(name.key())) {
      return findByKey(name.key());
    }
    return findByKey(name.earlierKey())
        .thenCompose(found -> found.isPresent() ? completed(found) : findByKey(name.key()));
  }

  private CompletableFuture<Optional<Account>> findByKey(String key) {
    Account cached = byKey.get(key);
    if (cached != null) {
      return CompletableFuture.completedFuture(Optional.of(cached));
    }
    return store.findByKey(key).thenApply(found -> {
      found.ifPresent(account -> byKey.put(key, account));
      return remember(found);
    });
  }

  private Optional<Account> remember(Optional<Account> found) {
    found.ifPresent(account -> byId.put(account.userId(), account));
    return found;
  }

  private void count(String meter, String result) {
    metrics.counter(meter, "result", result).increment();
  }

  private static String outcome(RegisterResult result) {
    if (result instanceof RegisterResult.Refused refused) {
      return refused.kind().word();
    }
    return result instanceof RegisterResult.NameTaken ? ErrorKind.NAME_TAKEN.word() : "ok";
  }

  private static String outcome(LoginResult result) {
    return result instanceof LoginResult.Refused refused ? refused.kind().word() : "ok";
  }

  private static boolean isQueueFull(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof RejectedExecutionException;
  }

  private static RegisterResult notRegistered(ErrorKind kind, String detail, int retryAfterMs) {
    return new RegisterResult.Refused(kind, detail, retryAfterMs);
  }

  private static LoginResult notLoggedIn(ErrorKind kind, String detail, int retryAfterMs) {
    return new LoginResult.Refused(kind, detail, retryAfterMs);
  }

  private static LoginResult tooManyFailures(int waitMs) {
    return notLoggedIn(ErrorKind.TOO_MANY, "too many failed logins", waitMs);
  }

  private static <T> CompletableFuture<T> completed(T value) {
    return CompletableFuture.completedFuture(value);
  }
}

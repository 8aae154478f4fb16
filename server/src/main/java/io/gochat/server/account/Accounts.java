package io.gochat.server.account;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.PasswordHasher.Turn;
import io.gochat.server.bounds.AddressKey;
import io.gochat.server.bounds.RateLimit;
import io.gochat.server.failure.Failure;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
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

  private final Directory directory;
  private final PasswordHasher hasher;
  private final RateLimit<Guess> attempts;
  private final RateLimit<AddressKey> addressAttempts;
  private final RateLimit<Guess> guesses;
  private final RateLimit<AddressKey> failures;
  private final RateLimit<AddressKey> registrations;
  private volatile boolean registrationOpen;
  private final AccountChanges changes;
  private final MeterRegistry meters;

  private record Guess(String nameKey, AddressKey from) {
    Turn turn() {
      return new Turn(from, nameKey);
    }
  }

  /**
   * Starts the password hasher; {@link #close} stops it.
   *
   * @param clock dates what ends logins
   * @param monotonicMs by which limits count
   */
  public Accounts(
      AccountStore store,
      AccountOptions options,
      InstantSource clock,
      LongSupplier monotonicMs,
      MeterRegistry meters) {
    this(
        store,
        options,
        PasswordHasher.start(
            options.bcryptCost(), options.hasherThreads(), options.hasherQueue(), meters),
        clock,
        monotonicMs,
        meters);
  }

  Accounts(
      AccountStore store,
      AccountOptions options,
      PasswordHasher hasher,
      InstantSource clock,
      LongSupplier monotonicMs,
      MeterRegistry meters) {
    this.directory = new Directory(store, options.cachedAccounts(), meters);
    this.changes = new AccountChanges(directory, hasher, this::login, clock);
    this.meters = meters;
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
    this.registrationOpen = options.registrationOpen();
  }

  /** Takes the limits of these options over, and who may register; everything else stays. Any thread. */
  public void limit(AccountOptions options) {
    limit(attempts, options.loginsPerMinute());
    limit(addressAttempts, options.addressLoginsPerMinute());
    limit(guesses, options.loginFailuresPerMinute());
    limit(failures, options.addressFailuresPerMinute());
    limit(registrations, options.registrationsPerMinute());
    registrationOpen = options.registrationOpen();
  }

  private static void limit(RateLimit<?> limit, int perMinute) {
    limit.become(perMinute, perMinute);
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

  /** By id, unless it was deleted; at once when cached. */
  public CompletableFuture<Optional<Account>> byId(long userId) {
    return directory.ofAnyStatus(userId).thenApply(Directory::unlessDeleted);
  }

  /** By name, in any case and Unicode form, unless it was deleted; at once when cached, empty when it cannot be a name. */
  public CompletableFuture<Optional<Account>> byName(String username) {
    return Usernames.judge(username) instanceof Usernames.Verdict.Valid valid
        ? directory.find(valid).thenApply(Directory::unlessDeleted)
        : completed(Optional.empty());
  }

  /**
   * Whom somebody else vouches for: made at first sight, without a password, if the name is free. Refused with
   * {@link ErrorKind#TOKEN_INVALID} and a sentence when the name cannot be one, belongs to somebody else, or its owner
   * may not sign in.
   */
  public CompletableFuture<LoginResult> vouchedFor(Origin origin, String username) {
    if (!(Usernames.judge(username) instanceof Usernames.Verdict.Valid name)) {
      return completed(
          notLoggedIn(ErrorKind.TOKEN_INVALID, "the token's user name cannot be one here", 0));
    }
    return directory
        .find(name)
        .thenCompose(found -> found.isPresent()
            ? completed(admission(found.get(), origin))
            : directory
                .create(name, Account.NO_PASSWORD, origin)
                .thenCompose(created -> created.isPresent()
                    ? completed(admission(created.get(), origin))
                    : directory
                        .find(name)
                        .thenApply(other -> admission(other.orElseThrow(), origin))));
  }

  private static LoginResult admission(Account account, Origin origin) {
    if (!origin.equals(account.origin())) {
      return notLoggedIn(
          ErrorKind.TOKEN_INVALID, "the token's user name belongs to another account", 0);
    }
    return account.isActive()
        ? new LoginResult.LoggedIn(account)
        : notLoggedIn(ErrorKind.TOKEN_INVALID, "the account is disabled", 0);
  }

  /** By id, whatever its status; at once when cached. */
  public CompletableFuture<Optional<Account>> ofAnyStatus(long userId) {
    return directory.ofAnyStatus(userId);
  }

  /** What may be changed of an account. */
  public AccountChanges changes() {
    return changes;
  }

  /** Who hears of each account that was changed here or elsewhere; set before the first one is. */
  public void onChanged(LongConsumer userIds) {
    directory.onChanged(userIds);
  }

  /** Stops hashing; what waits is refused. */
  @Override
  public void close() {
    hasher.close();
  }

  private CompletableFuture<RegisterResult> tryRegister(
      String username, String password, AddressKey from) {
    if (!registrationOpen) {
      return completed(notRegistered(ErrorKind.FORBIDDEN, "registration is closed", 0));
    }
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
    return directory
        .find(name)
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
        .thenCompose(hash -> directory.create(name, hash, null))
        .thenApply(created -> created.isPresent()
            ? new RegisterResult.Registered(created.get())
            : new RegisterResult.NameTaken());
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
    int attemptMs = takeAttempt(guess);
    if (attemptMs > 0) {
      return completed(notLoggedIn(ErrorKind.TOO_MANY, "too many logins", attemptMs));
    }
    return directory
        .find(name)
        .thenCompose(found -> check(found.orElse(null), password, guess))
        .exceptionallyCompose(failure -> isQueueFull(failure)
            ? completed(notLoggedIn(ErrorKind.OVERLOADED, "too many logins", hasher.retryAfterMs()))
            : CompletableFuture.failedFuture(failure));
  }

  // What the limit of a name refuses does not count for its address: or one name,
  // tried again and again, would use up what all others of that address have.
  private int takeAttempt(Guess guess) {
    int waitMs = attempts.take(guess);
    if (waitMs > 0) {
      return waitMs;
    }
    int addressMs = addressAttempts.take(guess.from());
    if (addressMs > 0) {
      attempts.giveBack(guess);
    }
    return addressMs;
  }

  // An unknown name costs the same hash as a wrong password,
  // so that the time does not tell which names exist.
  private CompletableFuture<LoginResult> check(
      @Nullable Account account, String password, Guess guess) {
    return hasher
        .matches(password, account == null ? null : account.passwordHash(), guess.turn())
        .thenApply(matches -> verdict(matches ? account : null, password, guess));
  }

  private LoginResult verdict(@Nullable Account right, String password, Guess guess) {
    int waitMs =
        right == null ? Math.max(guesses.take(guess), failures.take(guess.from())) : waitMs(guess);
    if (waitMs > 0) {
      return tooManyFailures(waitMs);
    }
    if (right == null) {
      return notLoggedIn(ErrorKind.BAD_CREDENTIALS, "wrong name or password", 0);
    }
    if (!right.isActive()) {
      return notLoggedIn(ErrorKind.FORBIDDEN, "the account is disabled", 0);
    }
    if (hasher.isOutdated(right.passwordHash())) {
      hashAnew(right, password, guess);
    }
    return new LoginResult.LoggedIn(right);
  }

  // Behind the answer; what fails is tried at the next login.
  private void hashAnew(Account account, String password, Guess guess) {
    hasher
        .hash(password, guess.turn())
        .thenCompose(hash -> directory.replace(account, account.withPasswordHash(hash)));
  }

  private int waitMs(Guess guess) {
    return Math.max(guesses.waitMs(guess), failures.waitMs(guess.from()));
  }

  private void count(String meter, String result) {
    Counter.builder(meter)
        .description("Attempts, by what came of them")
        .tag("result", result)
        .register(meters)
        .increment();
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
    return Failure.of(failure).kind() == ErrorKind.OVERLOADED;
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

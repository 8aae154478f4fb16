package io.gochat.server.account;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.account.Account.Status;
import io.gochat.server.account.PasswordHasher.Turn;
import io.gochat.server.bounds.AddressKey;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a user may change of its account, and an operator of any. Thread-safe; nothing blocks; futures as those of
 * {@link Accounts}. Whatever ends logins closes their connections on every node.
 */
public final class AccountChanges {
  private static final Object ADMINISTERING = new Object();

  private final Directory directory;
  private final PasswordHasher hasher;
  private final Login login;
  private final InstantSource clock;

  /** Checks name and password, and counts guesses. */
  interface Login {
    CompletableFuture<LoginResult> check(String username, String password, InetAddress from);
  }

  AccountChanges(Directory directory, PasswordHasher hasher, Login login, InstantSource clock) {
    this.directory = directory;
    this.hasher = hasher;
    this.login = login;
    this.clock = clock;
  }

  /** Makes a user as an operator does, whether registration is open or not; a null password: it has none. */
  public CompletableFuture<RegisterResult> createUser(
      String username, @Nullable String password, InetAddress from) {
    Usernames.Verdict verdict = Usernames.judge(username);
    if (verdict instanceof Usernames.Verdict.Invalid invalid) {
      return completed(notRegistered(ErrorKind.INVALID_ARGUMENT, invalid.detail()));
    }
    Usernames.Verdict.Valid name = (Usernames.Verdict.Valid) verdict;
    String problem = password == null ? null : Passwords.problemWith(password);
    if (problem != null) {
      return completed(notRegistered(ErrorKind.INVALID_ARGUMENT, problem));
    }
    CompletableFuture<String> hash = password == null
        ? completed(Account.NO_PASSWORD)
        : hasher.hash(password, new Turn(AddressKey.of(from), ADMINISTERING));
    return directory
        .find(name)
        .thenCompose(taken -> taken.isPresent()
            ? completed(Optional.<Account>empty())
            : hash.thenCompose(made -> directory.create(name, made, null)))
        .thenApply(created -> created.isPresent()
            ? new RegisterResult.Registered(created.get())
            : new RegisterResult.NameTaken());
  }

  /** Changes the password of who knows it, and ends all other logins than the session {@code spared}. */
  public CompletableFuture<ChangeResult> changePassword(
      long userId, String oldPassword, String newPassword, String spared, InetAddress from) {
    String problem = Passwords.problemWith(newPassword);
    if (problem != null) {
      return completed(notChanged(ErrorKind.INVALID_ARGUMENT, "new_" + problem));
    }
    return confirmed(
        userId,
        oldPassword,
        from,
        turn -> hasher
            .hash(newPassword, turn)
            .thenCompose(hash -> directory.change(
                userId,
                account -> account
                    .withPasswordHash(hash)
                    .withLogins(account.logins().ended(spared, clock.millis())))));
  }

  /** Deletes a user who has confirmed it with the password; one without a password confirms with the token alone. */
  public CompletableFuture<ChangeResult> deleteConfirmed(
      long userId, String password, InetAddress from) {
    return directory
        .ofAnyStatus(userId)
        .thenCompose(found -> found.isPresent() && !found.get().hasPassword()
            ? delete(userId)
            : confirmed(userId, password, from, turn -> delete(userId)));
  }

  /** Ends all logins of a user, tokens of elsewhere included. */
  public CompletableFuture<ChangeResult> endLogins(long userId) {
    return directory.change(userId, this::withoutLogins);
  }

  /** Locks a user out, and ends all logins. */
  public CompletableFuture<ChangeResult> disable(long userId) {
    return directory.change(userId, account -> withoutLogins(account.withStatus(Status.DISABLED)));
  }

  /** Lets a user in again, who has to sign in anew. */
  public CompletableFuture<ChangeResult> enable(long userId) {
    return directory.change(userId, account -> account.withStatus(Status.ACTIVE));
  }

  /** Deletes a user for good: id and name are never given again, what it wrote stays. */
  public CompletableFuture<ChangeResult> delete(long userId) {
    return directory.change(
        userId,
        account -> withoutLogins(
            account.withStatus(Status.DELETED).withPasswordHash(Account.NO_PASSWORD)));
  }

  /** Sets the password of a user as an operator does, and ends all logins. */
  public CompletableFuture<ChangeResult> setPassword(
      long userId, String password, InetAddress from) {
    String problem = Passwords.problemWith(password);
    if (problem != null) {
      return completed(notChanged(ErrorKind.INVALID_ARGUMENT, problem));
    }
    return directory.ofAnyStatus(userId).thenCompose(found -> {
      if (found.isPresent() && found.get().origin() != null) {
        return completed(notChanged(
            ErrorKind.INVALID_ARGUMENT, "this account has no password: others vouch for it"));
      }
      return hasher
          .hash(password, new Turn(AddressKey.of(from), ADMINISTERING))
          .thenCompose(hash ->
              directory.change(userId, account -> withoutLogins(account.withPasswordHash(hash))));
    });
  }

  private Account withoutLogins(Account account) {
    return account.withLogins(account.logins().ended("", clock.millis()));
  }

  /** Goes on when the password is right; guesses count as at a login. */
  private CompletableFuture<ChangeResult> confirmed(
      long userId,
      String password,
      InetAddress from,
      Function<Turn, CompletableFuture<ChangeResult>> then) {
    return directory.ofAnyStatus(userId).thenCompose(found -> {
      if (found.isEmpty() || !found.get().hasPassword()) {
        return completed(notChanged(ErrorKind.INVALID_ARGUMENT, "this account has no password"));
      }
      return login.check(found.get().username(), password, from).thenCompose(result -> {
        if (result instanceof LoginResult.Refused refused) {
          return completed(
              new ChangeResult.Refused(refused.kind(), refused.detail(), refused.retryAfterMs()));
        }
        return then.apply(new Turn(AddressKey.of(from), found.get().username()));
      });
    });
  }

  private static ChangeResult notChanged(ErrorKind kind, String detail) {
    return new ChangeResult.Refused(kind, detail, 0);
  }

  private static RegisterResult notRegistered(ErrorKind kind, String detail) {
    return new RegisterResult.Refused(kind, detail, 0);
  }

  private static <T> CompletableFuture<T> completed(T value) {
    return CompletableFuture.completedFuture(value);
  }
}

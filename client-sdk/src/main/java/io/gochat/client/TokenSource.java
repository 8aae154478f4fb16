package io.gochat.client;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the client's token comes from: it was given, or somebody supplies it, or it is logged in for. Keeps the present
 * one until it is told that it serves no longer. Confined to the client's event loop.
 */
final class TokenSource {
  private final Credentials credentials;
  private final Executor blocking;
  private final Steps steps;
  private @Nullable String present;
  private boolean isFresh;
  private boolean accountExists;
  private @Nullable Login login;
  private long asked;

  /** A supplier is asked on {@code blocking}. */
  TokenSource(Credentials credentials, Executor blocking, Steps steps) {
    this.credentials = credentials;
    this.blocking = blocking;
    this.steps = steps;
    if (credentials instanceof Credentials.Token given) {
      present = given.token();
    }
  }

  /** Tells a token for the server that {@code dialer} reaches, or why there is none; at once where there is one already. */
  void obtain(Dialer dialer, Consumer<Login.Outcome> told) {
    long mine = ++asked;
    if (present != null) {
      told.accept(new Login.Outcome.LoggedIn(present));
    } else if (credentials instanceof Credentials.Password password) {
      Login started = new Login(dialer, password);
      login = started;
      started
          .run(password.register() && !accountExists)
          .thenAccept(outcome -> steps.run(() -> obtained(mine, outcome, told)));
    } else if (credentials instanceof Credentials.Supplied supplied) {
      blocking.execute(() -> {
        Login.Outcome outcome = supplied(supplied);
        steps.onLoop(() -> obtained(mine, outcome, told));
      });
    }
  }

  /** The server took the present one. */
  void served() {
    isFresh = false;
  }

  /** The server takes the present one no longer. False: there can be no other, or it was a new one. */
  boolean replace() {
    boolean isReplaceable = !(credentials instanceof Credentials.Token) && !isFresh;
    if (isReplaceable) {
      present = null;
    }
    return isReplaceable;
  }

  /** Nothing is told any more of what was asked for. */
  void cancel() {
    asked++;
    if (login != null) {
      login.cancel();
      login = null;
    }
  }

  private void obtained(long mine, Login.Outcome outcome, Consumer<Login.Outcome> told) {
    if (mine != asked) {
      return;
    }
    login = null;
    if (outcome instanceof Login.Outcome.LoggedIn success) {
      accountExists = true;
      present = success.token();
      isFresh = true;
    }
    told.accept(outcome);
  }

  // The application's code: it may throw anything, and may block.
  private static Login.Outcome supplied(Credentials.Supplied supplied) {
    try {
      String obtained = supplied.tokens().get();
      return obtained == null || obtained.isEmpty()
          ? new Login.Outcome.NotNow("the token supplier has none", 0)
          : new Login.Outcome.LoggedIn(obtained);
    } catch (RuntimeException | Error e) {
      return new Login.Outcome.NotNow("the token supplier failed: " + e, 0);
    }
  }
}

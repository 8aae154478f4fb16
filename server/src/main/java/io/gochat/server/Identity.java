package io.gochat.server;

import io.gochat.server.account.Account;
import io.gochat.server.account.Account.Logins;
import io.gochat.server.account.AccountOptions;
import io.gochat.server.account.Accounts;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.config.AccountConfig;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.session.ExternalTokens;
import io.gochat.server.session.Session;
import io.gochat.server.session.SessionOptions;
import io.gochat.server.session.Sessions;
import io.micrometer.core.instrument.MeterRegistry;

/** Who there is and who is signed in: puts accounts and sessions together. Thread-safe. */
final class Identity implements AutoCloseable {
  private final Accounts accounts;
  private final Sessions sessions;

  Identity(
      AccountConfig config, Store store, int cached, GuardedClock clock, MeterRegistry meters) {
    accounts = new Accounts(
        store.accounts(), options(config, cached), clock, clock::monotonicMillis, meters);
    sessions = new Sessions(
        store.sessions(),
        new SessionOptions(config.sessionTtl(), cached),
        session -> accounts
            .ofAnyStatus(session.userId())
            .thenApply(
                found -> found.filter(account -> admits(account, session)).isPresent()),
        ExternalTokens.NONE,
        clock,
        meters);
  }

  private static AccountOptions options(AccountConfig config, int cached) {
    AccountOptions defaults = AccountOptions.defaults();
    return defaults
        .withBcryptCost(config.bcryptCost())
        .withRegistrationOpen(config.registrationOpen())
        .withLimits(
            config.loginsPerMinute(),
            config.loginFailuresPerMinute(),
            config.registrationsPerMinute())
        .withCachedAccounts(Math.min(defaults.cachedAccounts(), cached));
  }

  private static boolean admits(Account account, Session session) {
    Logins logins = account.logins();
    boolean counts = session.isExternal()
        ? session.openedAtMs() >= logins.tokensFromMs()
        : session.generation() == logins.generation() || session.id().equals(logins.spared());
    return account.isActive() && counts;
  }

  /** Whoever is connected with a session that does not count any more is looked at when its account changes. */
  void watch(ConnectionRegistry registry) {
    accounts.onChanged(userId -> {
      sessions.ownerChanged(userId);
      for (Connection connection : registry.ofUser(userId)) {
        sessions.lookAgain(connection.sessionId(), userId);
      }
    });
  }

  Accounts accounts() {
    return accounts;
  }

  Sessions sessions() {
    return sessions;
  }

  @Override
  public void close() {
    accounts.close();
  }
}

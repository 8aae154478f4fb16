package io.gochat.server;

import io.gochat.server.account.Account;
import io.gochat.server.account.Account.Logins;
import io.gochat.server.account.AccountOptions;
import io.gochat.server.account.Accounts;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.config.AccountConfig;
import io.gochat.server.config.IdentityConfig;
import io.gochat.server.config.ServerConfig;
import io.gochat.server.identity.ApiKeys;
import io.gochat.server.identity.JwtOptions;
import io.gochat.server.identity.JwtTokens;
import io.gochat.server.identity.TokenIssuer;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.session.ExternalTokens;
import io.gochat.server.session.Session;
import io.gochat.server.session.SessionOptions;
import io.gochat.server.session.Sessions;
import io.gochat.server.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Who there is and who is signed in: puts accounts, sessions, tokens of elsewhere and API keys together. Thread-safe. */
final class Users implements AutoCloseable {
  private final Accounts accounts;
  private final @Nullable JwtTokens tokens;
  private final Sessions sessions;
  private final ApiKeys keys;

  private Users(Accounts accounts, @Nullable JwtTokens tokens, Sessions sessions, ApiKeys keys) {
    this.accounts = accounts;
    this.tokens = tokens;
    this.sessions = sessions;
    this.keys = keys;
  }

  static Users start(ServerConfig config, Store store, int cached, Surroundings around)
      throws StartException {
    GuardedClock clock = around.clock();
    MeterRegistry meters = around.meters();
    Accounts accounts = new Accounts(
        store.accounts(),
        around.accounts().apply(options(config.accounts(), cached)),
        clock,
        clock::monotonicMillis,
        meters);
    try {
      JwtTokens tokens = tokens(config.identity(), accounts, clock, meters);
      Sessions sessions = new Sessions(
          store.sessions(),
          new SessionOptions(config.accounts().sessionTtl(), cached),
          session -> accounts
              .ofAnyStatus(session.userId())
              .thenApply(
                  found -> found.filter(account -> admits(account, session)).isPresent()),
          tokens == null ? ExternalTokens.NONE : tokens,
          clock,
          meters);
      return new Users(accounts, tokens, sessions, keys(config.identity(), accounts));
    } catch (StartException | RuntimeException e) {
      accounts.close();
      throw e;
    }
  }

  /** Takes over what of these settings can change. */
  void take(AccountConfig config) {
    accounts.limit(options(config, AccountOptions.defaults().cachedAccounts()));
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

  private static @Nullable JwtTokens tokens(
      IdentityConfig config, Accounts accounts, GuardedClock clock, MeterRegistry meters)
      throws StartException {
    if (config.tokens().isEmpty()) {
      return null;
    }
    IdentityConfig.Tokens wanted = config.tokens().get();
    JwtOptions options = new JwtOptions(wanted.issuer(), wanted.audience(), wanted.usernameClaim());
    // A token is judged by the wall clock, believed or not: nobody is let in longer than was said.
    TokenIssuer.Surroundings around = new TokenIssuer.Surroundings(
        accounts, () -> Instant.ofEpochMilli(clock.wallMillis()), clock::monotonicMillis, meters);
    if (wanted.keys() instanceof IdentityConfig.SecretFile secret) {
      Path file = secret.file();
      return orRefuse(
          "--jwt-secret-file=" + file, () -> TokenIssuer.withSecret(file, options, around));
    }
    String location = ((IdentityConfig.KeySet) wanted.keys()).location();
    return orRefuse(
        "--jwt-jwks=" + location, () -> TokenIssuer.withKeys(location, options, around));
  }

  private interface Made {
    JwtTokens make() throws IOException;
  }

  private static JwtTokens orRefuse(String flag, Made made) throws StartException {
    try {
      return made.make();
    } catch (IOException e) {
      throw new StartException(flag + " cannot be used: " + e.getMessage() + ".", e);
    }
  }

  private static ApiKeys keys(IdentityConfig config, Accounts accounts) throws StartException {
    if (config.apiKeys().isEmpty()) {
      return ApiKeys.NONE;
    }
    try {
      return ApiKeys.load(config.apiKeys().get(), accounts);
    } catch (ApiKeys.Unusable e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
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

  ApiKeys keys() {
    return keys;
  }

  @Override
  public void close() {
    if (tokens != null) {
      tokens.close();
    }
    accounts.close();
  }
}

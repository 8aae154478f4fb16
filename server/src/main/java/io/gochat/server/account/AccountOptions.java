package io.gochat.server.account;

/**
 * How accounts are protected. Immutable.
 *
 * @param bcryptCost 4 … 20; one more doubles the work of a login
 * @param hasherThreads threads that do nothing but hash passwords
 * @param hasherQueue logins and registrations that may wait for them; beyond it they are refused
 * @param loginsPerMinute logins per (name, address), whatever becomes of them; 0: no limit
 * @param addressLoginsPerMinute logins per address, over all names; 0: no limit
 * @param loginFailuresPerMinute failed logins per (name, address); 0: no limit
 * @param addressFailuresPerMinute failed logins per address, over all names; 0: no limit
 * @param registrationsPerMinute registrations per address; 0: no limit
 * @param registrationOpen whether anybody may register
 * @param cachedAccounts how many accounts are kept in memory
 */
public record AccountOptions(
    int bcryptCost,
    int hasherThreads,
    int hasherQueue,
    int loginsPerMinute,
    int addressLoginsPerMinute,
    int loginFailuresPerMinute,
    int addressFailuresPerMinute,
    int registrationsPerMinute,
    boolean registrationOpen,
    int cachedAccounts) {
  public AccountOptions {
    require(bcryptCost >= 4 && bcryptCost <= 20, "bcryptCost: 4 to 20");
    require(hasherThreads > 0 && hasherQueue > 0, "hasher: at least one thread and one place");
    require(
        loginsPerMinute >= 0
            && addressLoginsPerMinute >= 0
            && loginFailuresPerMinute >= 0
            && addressFailuresPerMinute >= 0
            && registrationsPerMinute >= 0,
        "limits: 0 or more");
    require(cachedAccounts > 0, "cachedAccounts: at least 1");
  }

  /** What the server's flags default to: half of the cores hash, 256 wait for them. */
  public static AccountOptions defaults() {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    return new AccountOptions(10, threads, 256, 300, 3_000, 10, 100, 0, true, 50_000);
  }

  /** The same with another cost. */
  public AccountOptions withBcryptCost(int cost) {
    return new AccountOptions(
        cost,
        hasherThreads,
        hasherQueue,
        loginsPerMinute,
        addressLoginsPerMinute,
        loginFailuresPerMinute,
        addressFailuresPerMinute,
        registrationsPerMinute,
        registrationOpen,
        cachedAccounts);
  }

  /** The same with other limits; 0: no limit. Limits per address are ten times those per name. */
  public AccountOptions withLimits(
      int loginsPerMinute, int loginFailuresPerMinute, int registrationsPerMinute) {
    return new AccountOptions(
        bcryptCost,
        hasherThreads,
        hasherQueue,
        loginsPerMinute,
        Math.multiplyExact(loginsPerMinute, 10),
        loginFailuresPerMinute,
        Math.multiplyExact(loginFailuresPerMinute, 10),
        registrationsPerMinute,
        registrationOpen,
        cachedAccounts);
  }

  /** The same, remembering another number of accounts. */
  public AccountOptions withCachedAccounts(int accounts) {
    return new AccountOptions(
        bcryptCost,
        hasherThreads,
        hasherQueue,
        loginsPerMinute,
        addressLoginsPerMinute,
        loginFailuresPerMinute,
        addressFailuresPerMinute,
        registrationsPerMinute,
        registrationOpen,
        accounts);
  }

  /** The same, where only others make accounts. */
  public AccountOptions withRegistrationOpen(boolean open) {
    return new AccountOptions(
        bcryptCost,
        hasherThreads,
        hasherQueue,
        loginsPerMinute,
        addressLoginsPerMinute,
        loginFailuresPerMinute,
        addressFailuresPerMinute,
        registrationsPerMinute,
        open,
        cachedAccounts);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}

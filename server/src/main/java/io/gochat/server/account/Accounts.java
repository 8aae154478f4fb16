package io.gochat.server.account;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Registration, login and look-up of users. Thread-safe; nothing blocks. Futures complete on the hasher's or the
 * store's threads, or at once; look-ups complete exceptionally when the store is unavailable.
 */
public final class Accounts implements AutoCloseable {
  /** Starts the password hasher; {@link #close} stops it. */
  public Accounts(
      AccountStore store, AccountOptions options, InstantSource clock, MeterRegistry metrics) {}

  /** Creates an account, unless the name is taken. */
  public CompletableFuture<RegisterResult> register(
      String username, String password, InetAddress from) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("not written yet"));
  }

  /** Checks name and password. */
  public CompletableFuture<LoginResult> login(String username, String password, InetAddress from) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("not written yet"));
  }

  /** By id; at once when cached. */
  public CompletableFuture<Optional<Account>> byId(long userId) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("not written yet"));
  }

  /** By name, in any case and Unicode form; at once when cached. */
  public CompletableFuture<Optional<Account>> byName(String username) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("not written yet"));
  }

  /** Stops hashing; what waits is refused. */
  @Override
  public void close() {}
}

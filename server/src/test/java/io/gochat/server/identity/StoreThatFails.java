package io.gochat.server.identity;

import io.gochat.server.account.AccountOptions;
import io.gochat.server.account.AccountStore;
import io.gochat.server.account.Accounts;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.embedded.EmbeddedOptions;
import io.gochat.server.embedded.EmbeddedStore;
import io.gochat.server.embedded.StoreOpenException;
import io.gochat.server.failure.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;

/** Accounts on a real store, which does not answer when the test says so. Thread-safe. */
final class StoreThatFails implements AutoCloseable {
  private final EmbeddedStore store;
  final Accounts accounts;

  /** Whether nothing is answered. */
  volatile boolean isSilent;

  StoreThatFails(Path directory) throws StoreOpenException {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    store = EmbeddedStore.open(EmbeddedOptions.of(directory), GuardedClock.ofSystem(), meters);
    AccountStore real = store.accounts();
    AccountStore failing = (AccountStore) Proxy.newProxyInstance(
        AccountStore.class.getClassLoader(), new Class<?>[] {AccountStore.class}, (p, m, a) -> {
          if (isSilent && CompletableFuture.class.isAssignableFrom(m.getReturnType())) {
            return CompletableFuture.failedFuture(new StoreUnavailableException("for the test"));
          }
          try {
            return m.invoke(real, a);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
    accounts = new Accounts(
        failing,
        AccountOptions.defaults().withBcryptCost(4),
        InstantSource.system(),
        System::currentTimeMillis,
        meters);
  }

  @Override
  public void close() {
    accounts.close();
    store.close();
  }
}

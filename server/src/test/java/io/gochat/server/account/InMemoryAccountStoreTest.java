package io.gochat.server.account;

import io.gochat.server.contract.AccountStoreContract;

/** The contract itself, on the simplest store that fulfils it. */
class InMemoryAccountStoreTest extends AccountStoreContract {
  private final InMemoryAccountStore store = new InMemoryAccountStore();

  @Override
  protected AccountStore accounts() {
    return store;
  }
}

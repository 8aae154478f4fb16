package io.gochat.server.session;

import io.gochat.server.contract.SessionStoreContract;

/** The contract itself, on the simplest store that fulfils it. */
class InMemorySessionStoreTest extends SessionStoreContract {
  private final InMemorySessionStore store = new InMemorySessionStore();

  @Override
  protected SessionStore sessions() {
    return store;
  }

  @Override
  protected long nowMs() {
    return 1_767_225_600_000L;
  }
}

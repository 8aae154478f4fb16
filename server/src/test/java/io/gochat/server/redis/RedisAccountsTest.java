package io.gochat.server.redis;

import io.gochat.server.account.AccountStore;
import io.gochat.server.contract.AccountStoreContract;
import org.junit.jupiter.api.AfterEach;

class RedisAccountsTest extends AccountStoreContract {
  private final RedisStore store = SharedRedis.openEmpty();

  @Override
  protected AccountStore accounts() {
    return store.accounts();
  }

  @AfterEach
  void close() {
    store.close();
  }
}

package io.gochat.server.embedded;

import io.gochat.server.account.AccountStore;
import io.gochat.server.clock.ManualClock;
import io.gochat.server.contract.AccountStoreContract;
import io.gochat.server.contract.MessageLogContract;
import io.gochat.server.contract.PositionStoreContract;
import io.gochat.server.contract.SessionStoreContract;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.Retention;
import io.gochat.server.session.SessionStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The embedded store keeps what every store promises, with each durability. */
class EmbeddedContractTest {
  @Nested
  class SyncedLog extends Log {
    SyncedLog() {
      super(Durability.FSYNC);
    }
  }

  @Nested
  class AsyncLog extends Log {
    AsyncLog() {
      super(Durability.ASYNC);
    }
  }

  abstract static class Log extends MessageLogContract {
    private final Durability durability;
    private Fixture fixture;

    Log(Durability durability) {
      this.durability = durability;
      this.fixture = new Fixture(durability);
    }

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
      fixture = new Fixture(durability);
      fixture.open(directory, RETAINED);
    }

    @AfterEach
    void close() {
      fixture.store().close();
    }

    @Override
    protected MessageLog log() {
      return fixture.store().log();
    }

    @Override
    protected void reopen() throws Exception {
      fixture.reopen();
    }
  }

  @Nested
  class Positions extends PositionStoreContract {
    private final Fixture fixture = new Fixture(Durability.FSYNC);

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
      fixture.open(directory, 1_000);
    }

    @AfterEach
    void close() {
      fixture.store().close();
    }

    @Override
    protected PositionStore positions() {
      return fixture.store().positions();
    }

    @Override
    protected long epoch() {
      return fixture.store().log().epoch();
    }

    @Override
    protected void reopen() throws Exception {
      fixture.reopen();
    }
  }

  @Nested
  class Accounts extends AccountStoreContract {
    private final Fixture fixture = new Fixture(Durability.FSYNC);

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
      fixture.open(directory, 1_000);
    }

    @AfterEach
    void close() {
      fixture.store().close();
    }

    @Override
    protected AccountStore accounts() {
      return fixture.store().accounts();
    }
  }

  @Nested
  class Sessions extends SessionStoreContract {
    private final Fixture fixture = new Fixture(Durability.FSYNC);

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
      fixture.open(directory, 1_000);
    }

    @AfterEach
    void close() {
      fixture.store().close();
    }

    @Override
    protected SessionStore sessions() {
      return fixture.store().sessions();
    }

    @Override
    protected long nowMs() {
      return fixture.clock.millis();
    }
  }

  /** A store that can be opened again. */
  static final class Fixture {
    private final Durability durability;
    private final ManualClock clock = new ManualClock();
    private @Nullable EmbeddedOptions options;
    private @Nullable EmbeddedStore store;

    Fixture(Durability durability) {
      this.durability = durability;
    }

    void open(Path directory, long retained) throws StoreOpenException {
      options = EmbeddedOptions.of(directory)
          .withDurability(durability)
          .withRetention(new Retention(retained, Duration.ofDays(30)));
      store = EmbeddedStore.open(options, clock.guarded(), new SimpleMeterRegistry());
    }

    EmbeddedStore store() {
      return Objects.requireNonNull(store);
    }

    void reopen() throws StoreOpenException {
      store().close();
      store = EmbeddedStore.open(
          Objects.requireNonNull(options), clock.guarded(), new SimpleMeterRegistry());
    }
  }
}

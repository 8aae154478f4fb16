package io.gochat.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.account.Account;
import io.gochat.server.account.AccountOptions;
import io.gochat.server.account.Accounts;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.embedded.EmbeddedOptions;
import io.gochat.server.embedded.EmbeddedStore;
import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that fails for one topic, and throws for another. */
class BatchPublishTest {
  private static final Topic FAILS = Topic.room(8);
  private static final Topic THROWS = Topic.room(9);

  @TempDir
  private Path directory;

  @Test
  void what_fails_for_one_recipient_takes_no_answer_of_another_along() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (EmbeddedStore store =
            EmbeddedStore.open(EmbeddedOptions.of(directory), GuardedClock.ofSystem(), meters);
        Accounts accounts = new Accounts(
            store.accounts(),
            AccountOptions.defaults(),
            InstantSource.system(),
            System::currentTimeMillis,
            meters)) {
      Messaging messaging = new Messaging(failing(store.log()), store.positions(), 16_384);
      Account service =
          store.accounts().create("billing", "billing", "-").join().orElseThrow();

      List<Outcome> outcomes = new BatchPublish(accounts, messaging)
          .publish(
              service,
              "invoice",
              "i-1",
              List.of(
                  new Recipient.Room(7),
                  new Recipient.Room(8),
                  new Recipient.Room(9),
                  new Recipient.UserName("nobody"),
                  new Recipient.Room(10)))
          .orTimeout(30, TimeUnit.SECONDS)
          .join();

      assertThat(outcomes.stream().map(Outcome::result))
          .satisfiesExactly(
              first -> assertThat(first).isInstanceOf(PublishResult.Accepted.class),
              failed -> assertThat(kind(failed)).isEqualTo(ErrorKind.STORE_UNAVAILABLE),
              thrown -> assertThat(thrown).isInstanceOf(PublishResult.Refused.class),
              unknown -> assertThat(kind(unknown)).isEqualTo(ErrorKind.RECIPIENT_UNKNOWN),
              last -> assertThat(last).isInstanceOf(PublishResult.Accepted.class));
    }
  }

  private static ErrorKind kind(PublishResult result) {
    return ((PublishResult.Refused) result).kind();
  }

  private static MessageLog failing(MessageLog log) {
    return (MessageLog) Proxy.newProxyInstance(
        MessageLog.class.getClassLoader(), new Class<?>[] {MessageLog.class}, (p, m, arguments) -> {
          if (m.getName().equals("publish")) {
            Topic topic = ((Publication) arguments[0]).topic();
            if (topic.equals(FAILS)) {
              return CompletableFuture.failedFuture(new StoreUnavailableException("for the test"));
            }
            if (topic.equals(THROWS)) {
              throw new IllegalStateException("for the test");
            }
          }
          try {
            return m.invoke(log, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }
}

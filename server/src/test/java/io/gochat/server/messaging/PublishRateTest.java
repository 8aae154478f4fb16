package io.gochat.server.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.bounds.RateLimit;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How fast one user may publish, whatever it publishes over. */
class PublishRateTest {
  private final AtomicLong nowMs = new AtomicLong();
  private final AtomicInteger logged = new AtomicInteger();
  private final Messaging messaging =
      new Messaging(log(), positions(), 100, RateLimit.perSecond(2, 4, 1_000, nowMs::get));

  @Test
  void beyond_its_burst_a_user_is_refused_until_the_rate_allows_more() {
    for (int i = 0; i < 4; i++) {
      assertThat(publish(7, false)).isInstanceOf(PublishResult.Accepted.class);
    }

    PublishResult refused = publish(7, false);

    assertThat(refused).isInstanceOfSatisfying(PublishResult.Refused.class, r -> {
      assertThat(r.kind()).isEqualTo(ErrorKind.TOO_MANY);
      assertThat(r.retryAfterMs()).isEqualTo(500);
    });
    assertThat(publish(8, false)).as("another user").isInstanceOf(PublishResult.Accepted.class);
    assertThat(logged).hasValue(5);
    nowMs.addAndGet(500);
    assertThat(publish(7, false)).isInstanceOf(PublishResult.Accepted.class);
  }

  @Test
  void services_are_exempt_and_what_is_wrong_costs_nothing() {
    for (int i = 0; i < 100; i++) {
      assertThat(publish(9, true)).isInstanceOf(PublishResult.Accepted.class);
      messaging.publish(new Publication(Topic.room(1), 7, "a", "", "", null)).join();
    }

    assertThat(publish(7, false)).isInstanceOf(PublishResult.Accepted.class);
  }

  private PublishResult publish(long user, boolean exempt) {
    return messaging
        .publish(new Publication(Topic.room(1), user, "a", "", "text", null, exempt))
        .join();
  }

  private MessageLog log() {
    return (MessageLog) Proxy.newProxyInstance(
        MessageLog.class.getClassLoader(), new Class<?>[] {MessageLog.class}, (p, method, args) -> {
          logged.incrementAndGet();
          return CompletableFuture.completedFuture(new PublishResult.Accepted(1, 1, false));
        });
  }

  private static PositionStore positions() {
    return (PositionStore) Proxy.newProxyInstance(
        PositionStore.class.getClassLoader(),
        new Class<?>[] {PositionStore.class},
        (p, method, args) -> null);
  }
}

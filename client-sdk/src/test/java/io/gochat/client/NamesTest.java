package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A name server that does not answer. */
@Timeout(60)
final class NamesTest {
  private final CountDownLatch answered = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();
  private final Names names = new Names(this::lookUp);

  @AfterEach
  void stop() {
    answered.countDown();
    names.shutdown();
  }

  private InetAddress[] lookUp(String host) throws UnknownHostException {
    asked.incrementAndGet();
    if (host.startsWith("hangs")) {
      try {
        answered.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (host.equals("unknown")) {
      throw new UnknownHostException(host);
    }
    return new InetAddress[] {InetAddress.getLoopbackAddress()};
  }

  @Test
  void whoever_asks_for_another_name_does_not_wait_however_many_do() throws Exception {
    List<CompletableFuture<?>> waiting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      waiting.add(names.addresses("hangs-" + i));
    }

    assertThat(names.addresses("healthy").get(30, TimeUnit.SECONDS)).hasSize(1);

    assertThat(waiting).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void a_thousand_clients_of_one_name_ask_once() throws Exception {
    List<CompletableFuture<List<InetAddress>>> waiting = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      waiting.add(names.addresses("hangs"));
    }

    answered.countDown();

    for (CompletableFuture<List<InetAddress>> each : waiting) {
      assertThat(each.get(30, TimeUnit.SECONDS)).hasSize(1);
    }
    assertThat(asked).hasValue(1);
  }

  @Test
  void an_unknown_name_fails_and_may_be_asked_for_again() {
    for (int i = 1; i <= 2; i++) {
      assertThatThrownBy(() -> names.addresses("unknown").get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(UnknownHostException.class);
    }

    assertThat(asked).hasValue(2);
  }
}

package io.gochat.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.gochat.server.session.Session;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JwtQueueTest {
  private static final int BEYOND_THE_QUEUE = 1_100;

  @TempDir
  private Path directory;

  @Test
  void what_the_queue_has_no_place_for_is_answered_as_refused_and_nothing_hangs() throws Exception {
    SignedJWT jwt = new SignedJWT(
        new JWSHeader(JWSAlgorithm.HS256),
        new JWTClaimsSet.Builder().subject("eve").build());
    jwt.sign(new MACSigner(new byte[32]));
    String token = jwt.serialize();
    CountDownLatch held = new CountDownLatch(1);
    SigningKeys slow = header -> {
      try {
        held.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return CompletableFuture.completedFuture(List.<JWSVerifier>of());
    };

    List<CompletableFuture<Optional<Session>>> answers = new ArrayList<>();
    try (StoreThatFails store = new StoreThatFails(directory);
        JwtTokens tokens = new JwtTokens(
            slow,
            new JwtOptions(Optional.empty(), Optional.empty(), "sub"),
            store.accounts,
            InstantSource.system(),
            new SimpleMeterRegistry())) {
      for (int i = 0; i < BEYOND_THE_QUEUE; i++) {
        answers.add(tokens.verify(token, "id" + i));
      }
      CompletableFuture<Optional<Session>> last = answers.get(BEYOND_THE_QUEUE - 1);

      assertThat(last)
          .failsWithin(Duration.ofSeconds(20))
          .withThrowableThat()
          .withCauseInstanceOf(RejectedExecutionException.class);
      assertThat(answers.get(0)).isNotDone();
      held.countDown();
      assertThat(answers.get(0)).succeedsWithin(Duration.ofSeconds(20));
    }
  }
}

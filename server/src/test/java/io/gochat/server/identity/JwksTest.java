package io.gochat.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.gochat.server.identity.KeySource.Fetched;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Whose keys are fetched when, with a source that answers when it is told to. */
class JwksTest {
  private final AtomicLong nowMs = new AtomicLong();
  private final Source source = new Source();
  private final Jwks jwks = new Jwks(source, nowMs::get);

  @Test
  void known_keys_are_used_at_once_and_fetched_again_beside() throws Exception {
    source.next().complete(set("a"));
    assertThat(jwks.verifiers(header("a")).join()).hasSize(1);

    nowMs.addAndGet(Jwks.FRESH.toMillis());
    CompletableFuture<Fetched> slow = source.next();

    assertThat(jwks.verifiers(header("a"))).as("nobody waits for the source").isCompleted();
    assertThat(source.fetches).isEqualTo(2);
    slow.complete(set("b"));
    assertThat(jwks.verifiers(header("b")).join()).hasSize(1);
    assertThat(jwks.verifiers(header("a")).join())
        .as("taken back by the issuer")
        .isEmpty();
  }

  @Test
  void a_flood_of_unknown_key_ids_fetches_once_in_thirty_seconds() throws Exception {
    source.next().complete(set("a"));
    jwks.fetchAhead();
    for (int i = 0; i < 1_000; i++) {
      assertThat(jwks.verifiers(header("made-up-" + i)).join()).isEmpty();
    }
    assertThat(source.fetches).isEqualTo(1);

    nowMs.addAndGet(Jwks.BETWEEN_FETCHES.toMillis());
    source.next().complete(set("new"));

    assertThat(jwks.verifiers(header("new")).join()).hasSize(1);
    assertThat(source.fetches).isEqualTo(2);
  }

  @Test
  void while_the_keys_were_never_had_nothing_is_judged() throws Exception {
    source.next().completeExceptionally(new IOException("connection refused"));

    CompletableFuture<List<JWSVerifier>> answer = jwks.verifiers(header("a"));

    assertThatThrownBy(answer::join).hasCauseInstanceOf(RejectedExecutionException.class);
    nowMs.addAndGet(Jwks.BETWEEN_FETCHES.toMillis());
    source.next().complete(set("a"));
    assertThat(jwks.verifiers(header("a")).join()).hasSize(1);
  }

  @Test
  void garbage_and_outages_leave_the_keys_of_before() throws Exception {
    source.next().complete(set("a"));
    jwks.fetchAhead();
    for (String garbage : List.of("", "<html>", "{}", "{\"keys\":[]}", "[".repeat(100_000))) {
      nowMs.addAndGet(Jwks.FRESH.toMillis());
      source.next().complete(new Fetched(garbage));
      assertThat(jwks.verifiers(header("a")).join()).hasSize(1);
    }
    nowMs.addAndGet(Jwks.FRESH.toMillis());
    source.next().completeExceptionally(new IOException("gone"));

    assertThat(jwks.verifiers(header("a")).join()).hasSize(1);
    assertThat(jwks.verifiers(header("a")).join()).hasSize(1);
  }

  @Test
  void an_algorithm_of_another_kind_finds_no_key_and_asks_nobody() {
    for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.HS256, JWSAlgorithm.parse("none"))) {
      JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("a").build();
      assertThat(jwks.verifiers(header).join()).as(algorithm.getName()).isEmpty();
    }
    assertThat(source.fetches).isZero();
  }

  private static JWSHeader header(String keyId) {
    return new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(keyId).build();
  }

  private static Fetched set(String keyId) throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID(keyId).generate();
    return new Fetched(new JWKSet(key.toPublicJWK()).toString());
  }

  private static final class Source implements KeySource {
    int fetches;
    private final Deque<CompletableFuture<Fetched>> answers = new ArrayDeque<>();

    CompletableFuture<Fetched> next() {
      CompletableFuture<Fetched> answer = new CompletableFuture<>();
      answers.add(answer);
      return answer;
    }

    @Override
    public CompletableFuture<Fetched> fetch() {
      fetches++;
      return answers.remove();
    }

    @Override
    public String name() {
      return "https://id.example/keys";
    }
  }
}

package io.gochat.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.clock.GuardedClock;
import io.gochat.server.clock.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionsTest {
  private static final Duration LIFETIME = Duration.ofHours(24);

  private final InMemorySessionStore store = new InMemorySessionStore();
  private final ManualClock clock = new ManualClock();
  private final GuardedClock guarded = clock.guarded();
  private final List<String> ended = new ArrayList<>();
  private final Sessions sessions = open(1_000);

  @BeforeEach
  void listen() {
    sessions.onEnded((id, reason) -> ended.add(reason + " " + id));
  }

  @Test
  void opened_session_is_valid_at_once() {
    String token = sessions.open(7, "zoe").join();

    Session session = now(sessions.check(token)).orElseThrow();

    assertThat(session.userId()).isEqualTo(7);
    assertThat(session.username()).isEqualTo("zoe");
    assertThat(store.finds.get()).isZero();
  }

  @Test
  void token_is_256_random_bits_and_never_stored() {
    Set<String> tokens = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      tokens.add(sessions.open(7, "zoe").join());
    }

    assertThat(tokens).hasSize(100).allMatch(token -> token.matches("[A-Za-z0-9_-]{43}"));
    assertThat(store.sessions.keySet()).allMatch(id -> id.matches("[0-9a-f]{64}"));
    assertThat(store.sessions.toString()).doesNotContain(tokens.iterator().next());
  }

  @Test
  void several_sessions_of_one_user_end_one_by_one() {
    String phone = sessions.open(7, "zoe").join();
    String laptop = sessions.open(7, "zoe").join();

    assertThat(sessions.close(phone).join()).isTrue();

    assertThat(now(sessions.check(phone))).isEmpty();
    assertThat(now(sessions.check(laptop))).isPresent();
    assertThat(sessions.close(phone).join()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "../../etc/passwd",
        "€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€",
        "\u0000"
      })
  void what_cannot_be_a_token_never_reaches_the_store(String token) {
    assertThat(now(sessions.check(token))).isEmpty();
    assertThat(sessions.close(token).join()).isFalse();
    assertThat(store.finds.get()).isZero();
  }

  @Test
  void unknown_token_is_empty() {
    assertThat(now(sessions.check("A".repeat(43)))).isEmpty();
    assertThat(ended).isEmpty();
  }

  @Test
  void closing_tells_the_listener() {
    String token = sessions.open(7, "zoe").join();
    String id = now(sessions.check(token)).orElseThrow().id();

    sessions.close(token).join();

    assertThat(ended).containsExactly("REVOKED " + id);
  }

  @Test
  void unused_session_expires_and_the_sweep_says_so() {
    String token = sessions.open(7, "zoe").join();
    String id = now(sessions.check(token)).orElseThrow().id();
    clock.advance(LIFETIME.minusMillis(1));
    sessions.sweep();
    assertThat(ended).isEmpty();

    clock.advance(Duration.ofMillis(1));
    sessions.sweep();

    assertThat(ended).containsExactly("EXPIRED " + id);
    assertThat(now(sessions.check(token))).isEmpty();
  }

  @Test
  void expired_session_is_invalid_before_any_sweep() {
    String token = sessions.open(7, "zoe").join();

    clock.advance(LIFETIME);

    assertThat(now(sessions.check(token))).isEmpty();
    assertThat(ended).hasSize(1);
  }

  @Test
  void a_clock_that_jumps_ahead_ends_no_session_but_admits_nobody_who_would_be_expired() {
    String token = sessions.open(7, "zoe").join();
    Session session = now(sessions.check(token)).orElseThrow();

    clock.jump(Duration.ofDays(31));
    sessions.sweep();
    sessions.keepAlive(session);

    assertThat(now(sessions.check(token))).isEmpty();
    assertThat(ended).isEmpty();
    clock.advance(Duration.ofSeconds(3));
    clock.jump(Duration.ofDays(-31));
    assertThat(now(sessions.check(token))).isPresent();
    assertThat(ended).isEmpty();
  }

  @Test
  void who_signs_in_while_the_clock_is_ahead_is_let_in() {
    clock.jump(Duration.ofDays(31));
    String token = sessions.open(7, "zoe").join();

    assertThat(now(sessions.check(token))).isPresent();
    clock.jump(Duration.ofDays(-31));
    assertThat(now(sessions.check(token))).isPresent();
  }

  @Test
  void behind_a_clock_that_was_put_back_open_connections_end_by_the_time_that_passed() {
    String token = sessions.open(7, "zoe").join();
    String id = now(sessions.check(token)).orElseThrow().id();

    clock.jump(Duration.ofDays(-40));
    guarded.millis();
    clock.advance(LIFETIME.minusHours(1)); // long believed by now
    clock.jump(Duration.ofDays(40));
    guarded.millis();
    sessions.sweep();
    assertThat(ended).isEmpty();
    clock.advance(Duration.ofHours(1));
    sessions.sweep();

    assertThat(ended).containsExactly("EXPIRED " + id);
  }

  @Test
  void use_slides_the_expiry_and_writes_it_at_most_24_times_per_lifetime() {
    String token = sessions.open(7, "zoe").join();

    for (int minute = 0; minute < 72 * 60; minute++) {
      clock.advance(Duration.ofMinutes(1));
      sessions.sweep();
      assertThat(now(sessions.check(token))).isPresent();
    }

    assertThat(store.extensions.get()).isBetween(60, 72);
    assertThat(ended).isEmpty();
  }

  @Test
  void open_connection_keeps_its_session_alive() {
    String token = sessions.open(7, "zoe").join();
    Session session = now(sessions.check(token)).orElseThrow();

    for (int minute = 0; minute < 72 * 60; minute += 10) {
      clock.advance(Duration.ofMinutes(10));
      sessions.keepAlive(session);
      sessions.sweep();
    }

    assertThat(ended).isEmpty();
    assertThat(now(sessions.check(token))).isPresent();
  }

  @Test
  void session_used_on_another_node_is_not_expired_here() {
    String token = sessions.open(7, "zoe").join();
    String id = now(sessions.check(token)).orElseThrow().id();
    clock.advance(LIFETIME.minusMinutes(1));
    store.extend(id, clock.millis() + LIFETIME.toMillis());
    clock.advance(Duration.ofMinutes(2));

    sessions.sweep();

    assertThat(ended).isEmpty();
    assertThat(now(sessions.check(token))).isPresent();
  }

  @Test
  void session_from_another_node_is_looked_up_once() {
    String token = open(10).open(7, "zoe").join();

    assertThat(now(sessions.check(token))).isPresent();
    assertThat(now(sessions.check(token))).isPresent();

    assertThat(store.finds.get()).isEqualTo(1);
  }

  @Test
  void revocation_elsewhere_ends_it_here() {
    String token = sessions.open(7, "zoe").join();
    String id = now(sessions.check(token)).orElseThrow().id();

    store.deleteElsewhere(id);

    assertThat(now(sessions.check(token))).isEmpty();
    assertThat(ended).containsExactly("REVOKED " + id);
  }

  @Test
  void lookup_that_read_before_the_revocation_does_not_put_the_session_back() {
    String token = open(10).open(7, "zoe").join();
    store.holdingBack = true;
    CompletableFuture<Optional<Session>> late = sessions.check(token);

    store.deleteElsewhere(Token.sessionId(token));
    store.letGo();

    assertThat(now(late)).isEmpty();
    assertThat(now(sessions.check(token))).isEmpty();
    assertThat(ended).hasSize(1);
  }

  @Test
  void keep_alive_of_a_revoked_session_ends_it_again() {
    String token = sessions.open(7, "zoe").join();
    Session session = now(sessions.check(token)).orElseThrow();
    sessions.close(token).join();
    ended.clear();

    sessions.keepAlive(session);

    assertThat(ended).containsExactly("REVOKED " + session.id());
  }

  @Test
  void revocation_that_was_missed_is_noticed_when_the_expiry_is_written() {
    String token = sessions.open(7, "zoe").join();
    Session session = now(sessions.check(token)).orElseThrow();
    store.sessions.clear();

    clock.advance(Duration.ofHours(2));
    sessions.keepAlive(session);

    assertThat(ended).containsExactly("REVOKED " + session.id());
    assertThat(now(sessions.check(token))).isEmpty();
  }

  @Test
  void cache_is_bounded_and_what_it_forgot_is_still_valid() {
    Sessions small = open(10);
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      tokens.add(small.open(i + 1, "user" + i).join());
      clock.advance(Duration.ofSeconds(1));
    }

    for (String token : tokens) {
      assertThat(now(small.check(token))).isPresent();
    }
    assertThat(store.finds.get()).isBetween(90, 100);
  }

  @Test
  void failing_store_fails_what_needs_it_and_nothing_else() {
    String token = sessions.open(7, "zoe").join();
    Session session = now(sessions.check(token)).orElseThrow();
    store.failing = true;

    assertThat(now(sessions.check(token))).isPresent();
    assertThat(sessions.check("A".repeat(43))).isCompletedExceptionally();
    assertThat(sessions.open(8, "yan")).isCompletedExceptionally();
    assertThat(sessions.close(token)).isCompletedExceptionally();
    clock.advance(Duration.ofHours(2));
    for (int i = 0; i < 100; i++) {
      sessions.keepAlive(session);
    }
    assertThat(store.extensions.get())
        .as("no storm of writes against a store that is down")
        .isEqualTo(1);
    clock.advance(LIFETIME);
    sessions.sweep();
    assertThat(ended).as("nobody can say that it was not used elsewhere").isEmpty();

    store.failing = false;
    clock.advance(Duration.ofSeconds(2));
    sessions.sweep();
    assertThat(ended).containsExactly("EXPIRED " + session.id());
  }

  @Test
  void sweep_looks_only_at_what_is_due() {
    for (int i = 0; i < 500; i++) {
      sessions.open(i + 1, "user" + i).join();
      clock.advance(Duration.ofSeconds(1));
    }
    clock.advance(LIFETIME.minusSeconds(500));

    sessions.sweep();

    assertThat(store.finds.get()).isEqualTo(1);
    assertThat(ended).hasSize(1);
  }

  @Test
  void a_look_up_that_throws_is_over_and_the_next_one_is_made() {
    AtomicInteger asked = new AtomicInteger();
    ExternalTokens full = new ExternalTokens() {
      @Override
      public boolean mayBe(String token) {
        return true;
      }

      @Override
      public CompletableFuture<Optional<Session>> verify(String token, String sessionId) {
        if (asked.incrementAndGet() == 1) {
          throw new RejectedExecutionException("the queue is full");
        }
        return CompletableFuture.completedFuture(Optional.empty());
      }
    };
    Sessions theirs = new Sessions(
        store,
        new SessionOptions(LIFETIME, 1_000),
        SessionOwners.ALL_ADMITTED,
        full,
        guarded,
        new SimpleMeterRegistry());

    assertThat(theirs.check("a.b.c")).isCompletedExceptionally();

    assertThat(now(theirs.check("a.b.c"))).isEmpty();
    assertThat(asked).hasValue(2);
  }

  private Sessions open(int cached) {
    return new Sessions(store, LIFETIME, cached, guarded, new SimpleMeterRegistry());
  }

  private static Optional<Session> now(CompletableFuture<Optional<Session>> future) {
    assertThat(future).isCompleted();
    return future.join();
  }
}

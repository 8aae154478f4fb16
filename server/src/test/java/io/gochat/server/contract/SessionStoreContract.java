package io.gochat.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.session.Session;
import io.gochat.server.session.SessionStore;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link SessionStore} must do; each store's test extends this and gives it an empty store per test. */
public abstract class SessionStoreContract {
  /** The store under test, empty at the start of each test; the same one for the whole test. */
  protected abstract SessionStore sessions();

  /** The store's idea of now, Unix time in milliseconds. */
  protected abstract long nowMs();

  @Test
  void saved_session_is_found() {
    Session session = session(7, "Zoë 🦊", nowMs() + 60_000);

    await(sessions().save(session));

    assertThat(await(sessions().find(session.id()))).contains(session);
  }

  @Test
  void unknown_session_is_empty() {
    assertThat(await(sessions().find("0".repeat(64)))).isEmpty();
  }

  @Test
  void saving_again_replaces() {
    Session session = session(7, "zoe", nowMs() + 60_000);
    await(sessions().save(session));

    Session later = new Session(session.id(), 7, "zoe", nowMs() + 120_000);
    await(sessions().save(later));

    assertThat(await(sessions().find(session.id()))).contains(later);
  }

  @Test
  void deleted_session_is_gone_and_a_second_delete_says_so() {
    Session session = session(7, "zoe", nowMs() + 60_000);
    await(sessions().save(session));

    assertThat(await(sessions().delete(session.id()))).isTrue();
    assertThat(await(sessions().find(session.id()))).isEmpty();
    assertThat(await(sessions().delete(session.id()))).isFalse();
  }

  @Test
  void extending_moves_the_expiry() {
    Session session = session(7, "zoe", nowMs() + 60_000);
    await(sessions().save(session));

    assertThat(await(sessions().extend(session.id(), nowMs() + 90_000))).isTrue();

    Session found = await(sessions().find(session.id())).orElseThrow();
    assertThat(found.userId()).isEqualTo(7);
    assertThat(found.username()).isEqualTo("zoe");
    assertThat(found.expiresAtMs()).isGreaterThan(session.expiresAtMs());
  }

  @Test
  void deleted_session_cannot_be_extended() {
    Session session = session(7, "zoe", nowMs() + 60_000);
    await(sessions().save(session));
    await(sessions().delete(session.id()));

    assertThat(await(sessions().extend(session.id(), nowMs() + 90_000))).isFalse();
    assertThat(await(sessions().find(session.id()))).isEmpty();
  }

  @Test
  void delete_and_extend_at_the_same_moment_leave_nothing() {
    for (int round = 0; round < 50; round++) {
      Session session = session(7, "zoe", nowMs() + 60_000);
      await(sessions().save(session));

      CompletableFuture<Boolean> extended = sessions().extend(session.id(), nowMs() + 90_000);
      CompletableFuture<Boolean> deleted = sessions().delete(session.id());
      CompletableFuture<Boolean> again = sessions().extend(session.id(), nowMs() + 95_000);

      await(extended);
      assertThat(await(deleted)).isTrue();
      await(again);
      assertThat(await(sessions().find(session.id()))).isEmpty();
    }
  }

  @Test
  void sessions_of_one_user_are_independent() {
    Session phone = session(7, "zoe", nowMs() + 60_000);
    Session laptop = session(7, "zoe", nowMs() + 60_000);
    await(sessions().save(phone));
    await(sessions().save(laptop));

    await(sessions().delete(phone.id()));

    assertThat(await(sessions().find(laptop.id()))).contains(laptop);
  }

  @Test
  void when_it_was_opened_and_its_generation_survive_an_extension() {
    Session session = new Session("a".repeat(64), 7, "zoe", nowMs() + 60_000, nowMs(), 3);
    await(sessions().save(session));
    await(sessions().extend(session.id(), nowMs() + 90_000));

    Session found = await(sessions().find(session.id())).orElseThrow();

    assertThat(found.openedAtMs()).isEqualTo(session.openedAtMs());
    assertThat(found.generation()).isEqualTo(3);
  }

  @Test
  void sessions_of_a_user_are_listed() {
    Session phone = session(7, "zoe", nowMs() + 60_000);
    Session laptop = session(7, "zoe", nowMs() + 60_000);
    Session gone = session(7, "zoe", nowMs() + 60_000);
    Session another = session(8, "yan", nowMs() + 60_000);
    for (Session each : List.of(phone, laptop, gone, another)) {
      await(sessions().save(each));
    }
    await(sessions().delete(gone.id()));

    assertThat(await(sessions().ofUser(7, 100))).containsExactlyInAnyOrder(phone, laptop);
    assertThat(await(sessions().ofUser(7, 1))).hasSize(1);
    assertThat(await(sessions().ofUser(8, 100))).containsExactly(another);
    assertThat(await(sessions().ofUser(9, 100))).isEmpty();
  }

  @Test
  void a_revoked_session_of_elsewhere_is_found() {
    Session session = new Session("jwt:" + "b".repeat(64), 7, "zoe", nowMs() + 60_000, nowMs(), 0);

    assertThat(await(sessions().find(session.id()))).isEmpty();
    await(sessions().revoke(session));

    assertThat(await(sessions().find(session.id()))).isPresent();
  }

  private static Session session(long userId, String username, long expiresAtMs) {
    byte[] id = new byte[32];
    new Random().nextBytes(id);
    return new Session(HexFormat.of().formatHex(id), userId, username, expiresAtMs);
  }

  private static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(30, TimeUnit.SECONDS).join();
  }
}

package io.gochat.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.Limits;
import io.gochat.server.account.Account;
import io.gochat.server.account.Account.Logins;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.Account.Status;
import io.gochat.server.account.AccountStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link AccountStore} must do; each store's test extends this and gives it an empty store per test. */
public abstract class AccountStoreContract {
  private static final String HASH = "$2a$04$......................0000000000000000000000000000000";

  /** The store under test, empty at the start of each test; the same one for the whole test. */
  protected abstract AccountStore accounts();

  @Test
  void created_account_is_found_by_key_and_by_id() {
    Account created = create("Äda", "äda").orElseThrow();

    assertThat(created.username()).isEqualTo("Äda");
    assertThat(created.passwordHash()).isEqualTo(HASH);
    assertThat(Limits.isId(created.userId())).isTrue();
    assertThat(await(accounts().findByKey("äda"))).contains(created);
    assertThat(await(accounts().findById(created.userId()))).contains(created);
  }

  @Test
  void unknown_key_and_id_are_empty() {
    assertThat(await(accounts().findByKey("nobody"))).isEmpty();
    assertThat(await(accounts().findById(1))).isEmpty();
    assertThat(await(accounts().findById(Limits.MAX_ID))).isEmpty();
  }

  @Test
  void taken_key_is_refused_and_changes_nothing() {
    Account first = create("Bob", "bob").orElseThrow();

    Optional<Account> second = create("BOB", "bob");

    assertThat(second).isEmpty();
    assertThat(await(accounts().findByKey("bob"))).contains(first);
  }

  @Test
  void key_is_not_the_shown_name() {
    create("Carol", "carol");

    assertThat(await(accounts().findByKey("Carol"))).isEmpty();
  }

  @Test
  void ids_are_distinct() {
    Set<Long> ids = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      ids.add(create("user" + i, "user" + i).orElseThrow().userId());
    }

    assertThat(ids).hasSize(50);
  }

  @Test
  void any_name_survives_the_store() {
    for (String name : List.of(
        "名前", "a b", "x:y{z}", "\"quoted\"", "🦊", "ñ", "%00", "'", "\\", "-", "a".repeat(64))) {
      Account created = create(name, "key " + name).orElseThrow();

      assertThat(await(accounts().findByKey("key " + name))).contains(created);
      assertThat(await(accounts().findById(created.userId())).orElseThrow().username())
          .isEqualTo(name);
    }
  }

  @Test
  void an_account_without_a_password_keeps_its_origin_to_the_letter() {
    for (String subject : List.of("Zoë", "zoe", "a\tb\nc", "x.y|z", "名".repeat(80))) {
      Origin origin = new Origin("https://id.example/ä\t", subject);
      Account created = await(
              accounts().create("n" + subject.hashCode(), "k" + subject, "", origin))
          .orElseThrow();

      assertThat(created.origin()).isEqualTo(origin);
      assertThat(created.hasPassword()).isFalse();
      assertThat(await(accounts().findByKey("k" + subject))).contains(created);
      assertThat(await(accounts().findById(created.userId()))).contains(created);
    }
  }

  @Test
  void an_account_is_replaced_by_who_knows_how_it_is() {
    Account before = create("Dora", "dora").orElseThrow();
    Account disabled = new Account(
        before.userId(), "Dora", HASH, null, Status.DISABLED, new Logins(3, "f".repeat(64), 5_000));

    assertThat(await(accounts().replace(before, disabled))).isTrue();
    assertThat(await(accounts().replace(before, before))).isFalse();

    assertThat(await(accounts().findByKey("dora"))).contains(disabled);
    assertThat(await(accounts().findById(before.userId()))).contains(disabled);
    assertThat(await(accounts().replace(disabled, before))).isTrue();
    assertThat(await(accounts().findById(before.userId()))).contains(before);
  }

  @Test
  void of_two_changes_at_the_same_moment_one_wins() {
    Account before = create("Eve", "eve").orElseThrow();
    Account one = new Account(before.userId(), "Eve", HASH, null, Status.DISABLED, Logins.ALL);
    Account other = new Account(before.userId(), "Eve", "", null, Status.DELETED, Logins.ALL);

    CompletableFuture<Boolean> first = accounts().replace(before, one);
    CompletableFuture<Boolean> second = accounts().replace(before, other);

    assertThat(await(first) ^ await(second)).isTrue();
  }

  @Test
  void of_many_at_the_same_moment_exactly_one_wins() throws Exception {
    for (int round = 0; round < 20; round++) {
      String key = "race" + round;
      List<CompletableFuture<Optional<Account>>> answers = race(4, key);

      List<Account> winners = answers.stream()
          .map(AccountStoreContract::await)
          .flatMap(Optional::stream)
          .toList();
      assertThat(winners).hasSize(1);
      assertThat(await(accounts().findByKey(key))).contains(winners.get(0));
      assertThat(await(accounts().findById(winners.get(0).userId()))).contains(winners.get(0));
    }
  }

  private List<CompletableFuture<Optional<Account>>> race(int racers, String key) throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    List<CompletableFuture<Optional<Account>>> answers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int racer = 0; racer < racers; racer++) {
      String name = key + "-" + racer;
      CompletableFuture<Optional<Account>> answer = new CompletableFuture<>();
      answers.add(answer);
      Thread thread = new Thread(() -> {
        try {
          start.await();
          accounts().create(name, key, HASH).thenAccept(answer::complete);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      thread.start();
      threads.add(thread);
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    return answers;
  }

  private Optional<Account> create(String name, String key) {
    return await(accounts().create(name, key, HASH));
  }

  private static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(30, TimeUnit.SECONDS).join();
  }
}

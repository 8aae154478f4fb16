package io.gochat.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.account.Account.Origin;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccountsTest {
  private static final InetAddress HOME = address("192.0.2.1");
  private static final InetAddress AWAY = address("192.0.2.2");

  private final InMemoryAccountStore store = new InMemoryAccountStore();
  private final AtomicLong nowMs = new AtomicLong();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private Accounts accounts = open(new AccountOptions(4, 2, 256, 0, 0, 3, 6, 0, true, 100));

  @AfterEach
  void stop() {
    accounts.close();
  }

  @Test
  void registered_user_logs_in() {
    RegisterResult registered = register("Alice", "secret");

    Account account = ((RegisterResult.Registered) registered).account();
    assertThat(account.username()).isEqualTo("Alice");
    assertThat(account.passwordHash()).startsWith("$2a$04$");
    assertThat(login("aLICE", "secret", HOME)).isEqualTo(new LoginResult.LoggedIn(account));
    assertThat(metrics.counter("gochat.account.logins", "result", "ok").count()).isEqualTo(1);
  }

  @Test
  void wrong_password_and_unknown_name_are_told_the_same() {
    register("alice", "secret");

    LoginResult wrong = login("alice", "Secret", HOME);
    LoginResult unknown = login("nobody", "secret", HOME);

    assertThat(wrong).isEqualTo(unknown);
    assertThat(kind(wrong)).isEqualTo(ErrorKind.BAD_CREDENTIALS);
    assertThat(metrics.timer("gochat.account.hash").count()).isEqualTo(3);
  }

  @Test
  void name_that_differs_by_case_or_form_is_taken() {
    register("Andr\u00e9", "secret");

    assertThat(register("ANDRE\u0301", "other")).isInstanceOf(RegisterResult.NameTaken.class);
  }

  @Test
  void of_many_registrations_at_the_same_moment_exactly_one_wins() {
    List<CompletableFuture<RegisterResult>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(accounts.register(i % 2 == 0 ? "dora" : "DORA", "secret" + i, HOME));
    }

    List<RegisterResult> results = answers.stream().map(AccountsTest::await).toList();

    assertThat(results).filteredOn(RegisterResult.Registered.class::isInstance).hasSize(1);
    assertThat(results).filteredOn(RegisterResult.NameTaken.class::isInstance).hasSize(19);
  }

  @Test
  void what_bcrypt_would_cut_off_is_refused_at_both_doors() {
    String tooLong = "x".repeat(73);

    assertThat(kind(register("alice", tooLong))).isEqualTo(ErrorKind.INVALID_ARGUMENT);
    assertThat(kind(login("alice", tooLong, HOME))).isEqualTo(ErrorKind.INVALID_ARGUMENT);
    assertThat(kind(register("alice", "a\u0000b"))).isEqualTo(ErrorKind.INVALID_ARGUMENT);
    assertThat(kind(register("a\u0000", "secret"))).isEqualTo(ErrorKind.INVALID_ARGUMENT);
    assertThat(kind(login(" alice", "secret", HOME))).isEqualTo(ErrorKind.INVALID_ARGUMENT);
    assertThat(store.finds.get()).isZero();
  }

  @Test
  void last_byte_of_72_counts() {
    register("alice", "x".repeat(71) + "a");

    assertThat(kind(login("alice", "x".repeat(71) + "b", HOME)))
        .isEqualTo(ErrorKind.BAD_CREDENTIALS);
    assertThat(login("alice", "x".repeat(71) + "a", HOME)).isInstanceOf(LoginResult.LoggedIn.class);
  }

  @Test
  void malformed_stored_hash_is_a_wrong_password() {
    for (String hash :
        List.of("", "x", "$2a$", "$2a$04$short", "$9z$04$......................", "名")) {
      String name = "broken" + hash.length() + hash.hashCode();
      await(store.create(name, name, hash));

      assertThat(kind(login(name, "secret", address("198.51.100." + hash.length()))))
          .isEqualTo(ErrorKind.BAD_CREDENTIALS);
    }
  }

  @Test
  void guesser_is_stopped_and_the_owner_elsewhere_is_not() {
    register("alice", "secret");
    for (int i = 0; i < 3; i++) {
      assertThat(kind(login("alice", "guess" + i, AWAY))).isEqualTo(ErrorKind.BAD_CREDENTIALS);
    }

    LoginResult stopped = login("alice", "secret", AWAY);
    LoginResult owner = login("alice", "secret", HOME);

    assertThat(kind(stopped)).isEqualTo(ErrorKind.TOO_MANY);
    assertThat(((LoginResult.Refused) stopped).retryAfterMs()).isBetween(1, 20_000);
    assertThat(owner).isInstanceOf(LoginResult.LoggedIn.class);
    nowMs.addAndGet(20_000);
    assertThat(login("alice", "secret", AWAY)).isInstanceOf(LoginResult.LoggedIn.class);
  }

  @Test
  void trying_many_names_from_one_address_is_stopped_too() {
    for (int i = 0; i < 6; i++) {
      assertThat(kind(login("name" + i, "secret", AWAY))).isEqualTo(ErrorKind.BAD_CREDENTIALS);
    }

    assertThat(kind(login("name7", "secret", AWAY))).isEqualTo(ErrorKind.TOO_MANY);
    assertThat(kind(login("name7", "secret", HOME))).isEqualTo(ErrorKind.BAD_CREDENTIALS);
  }

  @Test
  void guesses_sent_at_once_get_no_more_answers_than_the_limit() {
    register("alice", "secret");
    List<CompletableFuture<LoginResult>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(accounts.login("alice", "guess" + i, AWAY));
    }
    answers.add(accounts.login("alice", "secret", AWAY));

    List<LoginResult> results = answers.stream().map(AccountsTest::await).toList();

    assertThat(results).filteredOn(r -> kind(r) == ErrorKind.BAD_CREDENTIALS).hasSize(3);
    assertThat(results).filteredOn(r -> kind(r) == ErrorKind.TOO_MANY).hasSize(48);
  }

  @Test
  void right_logins_are_not_limited() {
    register("alice", "secret");

    for (int i = 0; i < 20; i++) {
      assertThat(login("alice", "secret", HOME)).isInstanceOf(LoginResult.LoggedIn.class);
    }
  }

  @Test
  void what_one_name_is_refused_does_not_use_up_its_address() {
    reopen(new AccountOptions(4, 2, 256, 3, 30, 0, 0, 0, true, 100));
    register("crowd", "secret");
    register("bystander", "secret");

    for (int i = 0; i < 500; i++) {
      login("crowd", "secret", HOME);
    }

    assertThat(login("bystander", "secret", HOME)).isInstanceOf(LoginResult.LoggedIn.class);
  }

  @Test
  void attempts_are_limited_whatever_becomes_of_them() {
    reopen(new AccountOptions(4, 2, 256, 3, 5, 0, 0, 0, true, 100));
    register("alice", "secret");
    register("bob", "secret");
    for (int i = 0; i < 3; i++) {
      assertThat(login("alice", "secret", AWAY)).isInstanceOf(LoginResult.LoggedIn.class);
    }

    LoginResult fourth = login("alice", "secret", AWAY);

    assertThat(kind(fourth)).isEqualTo(ErrorKind.TOO_MANY);
    assertThat(((LoginResult.Refused) fourth).retryAfterMs()).isBetween(1, 20_000);
    assertThat(login("alice", "secret", HOME)).isInstanceOf(LoginResult.LoggedIn.class);
    assertThat(login("bob", "secret", AWAY)).isInstanceOf(LoginResult.LoggedIn.class);
    assertThat(kind(login("carol", "secret", AWAY))).isEqualTo(ErrorKind.BAD_CREDENTIALS);
    assertThat(kind(login("dave", "secret", AWAY)))
        .as("the address has used its five")
        .isEqualTo(ErrorKind.TOO_MANY);
    nowMs.addAndGet(20_000);
    assertThat(login("alice", "secret", AWAY)).isInstanceOf(LoginResult.LoggedIn.class);
  }

  @Test
  void one_ipv6_customer_is_one_address() {
    for (int i = 0; i < 3; i++) {
      login("alice", "guess", address("2001:db8::" + (i + 1)));
    }

    assertThat(kind(login("alice", "guess", address("2001:db8::ffff"))))
        .isEqualTo(ErrorKind.TOO_MANY);
    assertThat(kind(login("alice", "guess", address("2001:db8:0:1::1"))))
        .isEqualTo(ErrorKind.BAD_CREDENTIALS);
  }

  @Test
  void registrations_are_limited_by_address() {
    reopen(new AccountOptions(4, 1, 16, 0, 0, 3, 6, 2, true, 100));
    register("a", "secret");
    register("b", "secret");

    RegisterResult third = register("c", "secret");

    assertThat(kind(third)).isEqualTo(ErrorKind.TOO_MANY);
    assertThat(await(accounts.register("c", "secret", AWAY)))
        .isInstanceOf(RegisterResult.Registered.class);
  }

  @Test
  void full_queue_is_overload_with_advice() {
    reopen(new AccountOptions(9, 1, 1, 0, 0, 0, 0, 0, true, 100));
    List<CompletableFuture<LoginResult>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(accounts.login("name" + i, "secret", HOME));
    }

    List<LoginResult> results = answers.stream().map(AccountsTest::await).toList();

    List<LoginResult> refused =
        results.stream().filter(r -> kind(r) == ErrorKind.OVERLOADED).toList();
    assertThat(refused).hasSizeGreaterThanOrEqualTo(15);
    assertThat(refused)
        .allSatisfy(r -> assertThat(((LoginResult.Refused) r).retryAfterMs()).isPositive());
  }

  @Test
  void stopping_answers_what_waits() {
    List<CompletableFuture<LoginResult>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(accounts.login("name" + i, "secret", address("10.0.0." + i)));
    }

    accounts.close();

    answers.forEach(AccountsTest::await);
  }

  @Test
  void what_the_store_fails_with_is_passed_on() {
    store.failing = true;

    assertThat(accounts.login("alice", "secret", HOME)).isCompletedExceptionally();
    assertThat(accounts.register("alice", "secret", HOME)).isCompletedExceptionally();
    assertThat(accounts.byId(1)).isCompletedExceptionally();

    store.failing = false;
    assertThat(register("alice", "secret")).isInstanceOf(RegisterResult.Registered.class);
  }

  @Test
  void known_accounts_are_found_without_the_store() {
    Account alice = ((RegisterResult.Registered) register("alice", "secret")).account();
    await(accounts.byName("alice"));
    int before = store.finds.get();

    assertThat(accounts.byId(alice.userId()).getNow(null)).contains(alice);
    assertThat(accounts.byName("ALICE").getNow(null)).contains(alice);
    assertThat(store.finds.get()).isEqualTo(before);
  }

  @Test
  void unknown_names_are_looked_up_each_time() {
    assertThat(await(accounts.byName("alice"))).isEmpty();
    register("alice", "secret");

    assertThat(await(accounts.byName("alice"))).isPresent();
    assertThat(await(accounts.byName(" not a name"))).isEmpty();
  }

  @Test
  void a_login_makes_the_hash_anew_when_the_cost_has_changed() {
    register("alice", "secret");
    reopen(new AccountOptions(5, 1, 16, 0, 0, 0, 0, 0, true, 100));

    assertThat(login("alice", "secret", HOME)).isInstanceOf(LoginResult.LoggedIn.class);

    Awaitility.await().untilAsserted(() -> {
      Account stored = await(store.findByKey("alice")).orElseThrow();
      assertThat(stored.passwordHash()).startsWith("$2a$05$");
    });
    assertThat(login("alice", "secret", HOME)).isInstanceOf(LoginResult.LoggedIn.class);
    assertThat(kind(login("alice", "Secret", HOME))).isEqualTo(ErrorKind.BAD_CREDENTIALS);
  }

  @Test
  void one_whom_others_vouch_for_is_made_at_first_sight_and_known_by_its_subject() {
    Origin origin = new Origin("https://id.example", "Zoe");

    LoginResult first = await(accounts.vouchedFor(origin, "Zoe"));
    LoginResult again = await(accounts.vouchedFor(origin, "zoe"));
    LoginResult otherSubject =
        await(accounts.vouchedFor(new Origin("https://id.example", "zoe"), "zoe"));
    LoginResult otherIssuer = await(accounts.vouchedFor(new Origin("https://evil", "Zoe"), "Zoe"));
    register("alice", "secret");
    LoginResult password = await(accounts.vouchedFor(origin, "ALICE"));
    LoginResult unusable = await(accounts.vouchedFor(origin, "a\nb"));

    assertThat(first).isInstanceOf(LoginResult.LoggedIn.class).isEqualTo(again);
    for (LoginResult refused : List.of(otherSubject, otherIssuer, password, unusable)) {
      assertThat(kind(refused)).isEqualTo(ErrorKind.TOKEN_INVALID);
    }
    assertThat(kind(login("Zoe", "", HOME))).isEqualTo(ErrorKind.INVALID_ARGUMENT);
    assertThat(kind(login("Zoe", "guess", HOME))).isEqualTo(ErrorKind.BAD_CREDENTIALS);
    assertThat(register("ZOE", "secret")).isInstanceOf(RegisterResult.NameTaken.class);
  }

  @Test
  void a_disabled_user_is_told_so_only_with_the_right_password() {
    Account alice = ((RegisterResult.Registered) register("alice", "secret")).account();
    List<Long> told = new ArrayList<>();
    accounts.onChanged(told::add);

    await(accounts.changes().disable(alice.userId()));

    assertThat(told).containsExactly(alice.userId());
    assertThat(kind(login("alice", "secret", HOME))).isEqualTo(ErrorKind.FORBIDDEN);
    assertThat(kind(login("alice", "wrong", HOME))).isEqualTo(ErrorKind.BAD_CREDENTIALS);
    await(accounts.changes().enable(alice.userId()));
    assertThat(login("alice", "secret", HOME)).isInstanceOf(LoginResult.LoggedIn.class);
  }

  @Test
  void who_was_registered_under_a_full_width_name_is_neither_locked_out_nor_merged() {
    register("admin", "of admin");
    String hash = await(store.findByKey("admin")).orElseThrow().passwordHash();
    await(store.create("ａｄｍｉｎ", "ａｄｍｉｎ", new Bcrypt(4).hash("of the wide one")));

    assertThat(login("ａｄｍｉｎ", "of the wide one", HOME)).isInstanceOf(LoginResult.LoggedIn.class);
    assertThat(kind(login("ａｄｍｉｎ", "of admin", HOME))).isEqualTo(ErrorKind.BAD_CREDENTIALS);
    assertThat(login("admin", "of admin", HOME)).isInstanceOf(LoginResult.LoggedIn.class);
    assertThat(login("Ａdmin", "of admin", HOME))
        .as("a name that nobody had before is the narrow one")
        .isInstanceOf(LoginResult.LoggedIn.class);
    assertThat(register("ａｄmin", "x")).isInstanceOf(RegisterResult.NameTaken.class);
    assertThat(await(store.findByKey("admin")).orElseThrow().passwordHash()).isEqualTo(hash);
  }

  @Test
  void cache_is_bounded() {
    AccountCache<Long, Account> cache = new AccountCache<>(10);
    for (long id = 1; id <= 1_000; id++) {
      cache.put(id, new Account(id, "x", "y"), cache.changes());
      cache.get(1L);
    }

    assertThat(cache.size()).isEqualTo(10);
    assertThat(cache.get(1L)).as("looked up all the time").isNotNull();
  }

  private Accounts open(AccountOptions options) {
    return new Accounts(
        store, options, () -> Instant.ofEpochMilli(nowMs.get()), nowMs::get, metrics);
  }

  private void reopen(AccountOptions options) {
    accounts.close();
    accounts = open(options);
  }

  private RegisterResult register(String username, String password) {
    return await(accounts.register(username, password, HOME));
  }

  private LoginResult login(String username, String password, InetAddress from) {
    return await(accounts.login(username, password, from));
  }

  private static ErrorKind kind(LoginResult result) {
    return result instanceof LoginResult.Refused refused ? refused.kind() : ErrorKind.INTERNAL;
  }

  private static ErrorKind kind(RegisterResult result) {
    return result instanceof RegisterResult.Refused refused ? refused.kind() : ErrorKind.INTERNAL;
  }

  private static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}

package io.gochat.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who waits for whom when a crowd wants its passwords hashed: counted in hashes, one after another, not in time. */
class PasswordWorkTest {
  private static final int PLACES = 256;

  private final HeldTasks hashing = new HeldTasks(Integer.MAX_VALUE);
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Accounts accounts = new Accounts(
      new InMemoryAccountStore(),
      new AccountOptions(4, 1, PLACES, 0, 0, 0, 0, 0, true, 100),
      new PasswordHasher(4, new HashThreads(hashing, hashing, 4, () -> 0), 1, PLACES, metrics),
      InstantSource.system(),
      () -> 0,
      metrics);

  @BeforeEach
  void register() throws Exception {
    for (String name : List.of("crowd", "bystander")) {
      accounts.register(name, "secret", address("192.0.2.1"));
    }
    hashing.run(2);
  }

  @Test
  void three_hundred_logins_of_one_user_delay_another_by_two_hashes() throws Exception {
    List<CompletableFuture<LoginResult>> crowd = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      crowd.add(accounts.login("crowd", "secret", address("192.0.2.1")));
    }

    CompletableFuture<LoginResult> sameAddress =
        accounts.login("bystander", "secret", address("192.0.2.1"));
    CompletableFuture<LoginResult> elsewhere =
        accounts.login("bystander", "secret", address("192.0.2.2"));
    hashing.run(3);

    assertThat(sameAddress.getNow(null)).isInstanceOf(LoginResult.LoggedIn.class);
    assertThat(elsewhere.getNow(null)).isInstanceOf(LoginResult.LoggedIn.class);
    assertThat(refused(crowd)).as("beyond the places, two of which others took").isEqualTo(46);
    hashing.runAll();
    assertThat(crowd).allMatch(CompletableFuture::isDone);
  }

  @Test
  void three_hundred_registrations_delay_a_login_from_their_own_address_by_two_hashes()
      throws Exception {
    List<CompletableFuture<RegisterResult>> crowd = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      crowd.add(accounts.register("new" + i, "secret", address("192.0.2.1")));
    }

    CompletableFuture<LoginResult> login =
        accounts.login("bystander", "secret", address("192.0.2.1"));
    hashing.run(2);

    assertThat(login.getNow(null)).isInstanceOf(LoginResult.LoggedIn.class);
    hashing.runAll();
    assertThat(crowd).allMatch(CompletableFuture::isDone);
    assertThat(crowd.stream().filter(r -> r.join() instanceof RegisterResult.Registered))
        .hasSize(PLACES - 1);
  }

  @Test
  void one_ipv6_customer_is_one_address_in_the_queue_too() throws Exception {
    for (int i = 0; i < 300; i++) {
      accounts.login("name" + i, "secret", address("2001:db8::" + Integer.toHexString(i)));
    }

    CompletableFuture<LoginResult> login =
        accounts.login("bystander", "secret", address("2001:db8:0:1::1"));
    hashing.run(2);

    assertThat(login.getNow(null)).isInstanceOf(LoginResult.LoggedIn.class);
  }

  @Test
  void no_task_is_left_over_when_places_change_hands() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      accounts.login("name" + i % 50, "secret", address("192.0.2." + i % 7));
    }

    assertThat(hashing.tasks).hasSize(PLACES);
    hashing.runAll();
    assertThat(metrics.get("gochat.account.hash.waiting").gauge().value()).isZero();
  }

  @Test
  void a_wrong_password_costs_the_same_whatever_is_stored() {
    long rounds = 1L << 12;

    assertThat(Bcrypt.remainingWork(0, 12).mapToLong(cost -> 1L << cost).sum())
        .as("nobody has the name")
        .isEqualTo(rounds);
    for (int stored = 4; stored <= 12; stored++) {
      long own = 1L << stored;
      assertThat(own
              + Bcrypt.remainingWork(stored, 12).mapToLong(cost -> 1L << cost).sum())
          .as("a hash of cost " + stored)
          .isEqualTo(rounds);
    }
  }

  @Test
  void a_hash_of_another_cost_still_counts_and_is_known_to_be_old() {
    String old = new Bcrypt(4).hash("secret");
    Bcrypt now = new Bcrypt(5);

    assertThat(now.matches("secret", old)).isTrue();
    assertThat(now.matches("Secret", old)).isFalse();
    assertThat(now.matches("secret", null)).isFalse();
    assertThat(now.isOutdated(old)).isTrue();
    assertThat(now.isOutdated(now.hash("secret"))).isFalse();
  }

  private static long refused(List<CompletableFuture<LoginResult>> answers) {
    return answers.stream()
        .filter(CompletableFuture::isDone)
        .filter(answer -> answer.join() instanceof LoginResult.Refused refused
            && refused.kind() == ErrorKind.OVERLOADED)
        .count();
  }

  private static InetAddress address(String literal) throws Exception {
    return InetAddress.getByName(literal);
  }
}

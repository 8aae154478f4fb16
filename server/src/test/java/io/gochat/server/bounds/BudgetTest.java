package io.gochat.server.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private static final int MB = 1 << 20;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Budgets budgets =
      new Budgets(new Budgets.Limits(16 * MB, 8 * MB, 8 * MB, 1_000_000, 100_000), meters);

  @Test
  void a_user_has_an_eighth_over_all_his_connections_and_addresses() {
    Holder here = signedIn("10.0.0.1", 7);
    Holder there = signedIn("10.0.0.2", 7);
    Holder other = signedIn("10.0.0.1", 8);

    assertThat(here.reserve(budgets.in(), MB / 2)).isTrue();
    assertThat(there.reserve(budgets.in(), MB / 2)).isTrue();

    assertThat(there.reserve(budgets.in(), 1)).isFalse();
    assertThat(other.reserve(budgets.in(), MB)).isTrue();
    assertThat(refused("in", "user")).isOne();
  }

  @Test
  void who_gets_the_least_he_needs_was_not_refused() {
    Holder holder = signedIn("10.0.0.1", 7);
    holder.reserve(budgets.in(), MB - 100);

    assertThat(holder.reserve(budgets.in(), 2_048, 60)).isEqualTo(60);
    assertThat(refused("in", "user")).isZero();
    assertThat(holder.reserve(budgets.in(), 2_048, 60)).isZero();
    assertThat(refused("in", "user")).isOne();
  }

  @Test
  void an_address_has_a_half_whoever_signs_in_from_it() {
    for (int user = 1; user <= 4; user++) {
      assertThat(signedIn("10.0.0.1", user).reserve(budgets.in(), MB)).isTrue();
    }

    assertThat(signedIn("10.0.0.1", 5).reserve(budgets.in(), 1)).isFalse();
    assertThat(signedIn("10.0.0.2", 5).reserve(budgets.in(), MB)).isTrue();
    assertThat(refused("in", "address")).isOne();
  }

  @Test
  void one_network_of_an_ipv6_customer_is_one_address() {
    for (int host = 1; host <= 4; host++) {
      assertThat(signedIn("2001:db8::" + host, host).reserve(budgets.in(), MB)).isTrue();
    }

    assertThat(signedIn("2001:db8::ffff", 9).reserve(budgets.in(), 1)).isFalse();
    assertThat(signedIn("2001:db8:0:1::1", 9).reserve(budgets.in(), 1)).isTrue();
  }

  @Test
  void a_share_has_room_for_the_largest_that_one_may_ask() {
    Budgets narrow = new Budgets(
        new Budgets.Limits(16_000, 1_000, 1_000, 15_000, 900), new SimpleMeterRegistry());
    Holder holder = narrow.holder(address("10.0.0.1"));
    holder.user(7);

    assertThat(holder.reserve(narrow.in(), 900)).isTrue();
    assertThat(holder.reserve(narrow.out(), 15_000)).isTrue();
  }

  @Test
  void a_small_answer_to_who_is_signed_in_has_room_when_there_is_none_left() {
    fill(15);
    Holder known = signedIn("10.9.9.9", 99);
    Holder unknown = budgets.holder(address("10.9.9.8"));

    assertThat(known.reserve(budgets.out(), 1_024)).isFalse();
    assertThat(unknown.reserve(budgets.out(), 100)).isFalse();
    assertThat(known.reserve(budgets.out(), 1_023)).isTrue();

    known.release(budgets.out(), 1_023);
    assertThat(known.held(budgets.out())).isZero();
    assertThat(budgets.out().used()).isEqualTo(15L * MB);
  }

  @Test
  void more_than_half_is_told() {
    fill(7);
    assertThat(budgets.out().isHalfUsed()).isFalse();

    fill(1);
    assertThat(budgets.out().isHalfUsed()).isTrue();
  }

  @Test
  void what_a_connection_holds_goes_over_to_its_user_and_to_the_address_a_proxy_tells() {
    Holder holder = budgets.holder(address("10.0.0.1"));
    assertThat(holder.reserve(budgets.in(), MB)).isTrue();

    holder.user(7);
    holder.address(address("10.0.0.2"));

    assertThat(signedIn("10.0.0.3", 7).reserve(budgets.in(), 1)).isFalse();
    for (int user = 11; user <= 14; user++) {
      assertThat(signedIn("10.0.0.1", user).reserve(budgets.in(), MB)).isTrue();
    }
  }

  @Test
  void what_cannot_be_refused_any_more_counts_beyond_the_limit() {
    Holder holder = signedIn("10.0.0.1", 7);

    holder.force(budgets.replay(), 9 * MB);

    assertThat(budgets.replay().used()).isEqualTo(9 * MB);
    assertThat(signedIn("10.0.0.2", 8).reserve(budgets.replay(), 1)).isFalse();
  }

  @Test
  void the_end_gives_everything_back_once() {
    Holder holder = signedIn("10.0.0.1", 7);
    holder.reserve(budgets.out(), 5_000);
    holder.reserve(budgets.in(), 6_000);

    holder.close();
    holder.close();
    holder.release(budgets.in(), 6_000);

    assertThat(holder.reserve(budgets.in(), 1)).isFalse();
    assertThat(holder.hasRoom(budgets.in(), 1)).isFalse();
    assertThat(holder.isScarce(budgets.in())).isFalse();
    assertThat(budgets.out().used()).isZero();
    assertThat(budgets.in().used()).isZero();
    assertThat(budgets.ledger().users().size()).isZero();
    assertThat(budgets.ledger().addresses().size()).isZero();
  }

  @Test
  void who_asks_for_nothing_is_not_kept_account_of() {
    Holder idle = signedIn("10.0.0.1", 7);
    idle.address(address("10.0.0.2"));
    idle.user(0);
    idle.user(8);

    assertThat(budgets.ledger().users().size() + budgets.ledger().addresses().size())
        .isZero();

    idle.force(budgets.in(), MB);
    assertThat(signedIn("10.0.0.3", 8).reserve(budgets.in(), 1)).isFalse();
    assertThat(signedIn("10.0.0.1", 7).reserve(budgets.in(), MB)).isTrue();
  }

  @Test
  void gauges_tell_what_waits_and_what_may() {
    signedIn("10.0.0.1", 7).reserve(budgets.out(), 5_000);

    assertThat(meters.get("gochat.budget.used").tag("budget", "out").gauge().value())
        .isEqualTo(5_000);
    assertThat(meters.get("gochat.budget.limit").tag("budget", "out").gauge().value())
        .isEqualTo(16 * MB);
  }

  /** Whatever happens in whatever order: sums are those of the holders, bounds hold, and the end leaves nothing. */
  @Test
  void sums_and_bounds_hold_in_any_order() {
    long seed = Long.getLong("gochat.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Holder> open = new ArrayList<>();

    for (int step = 0; step < 50_000; step++) {
      Budget budget = List.of(budgets.out(), budgets.replay(), budgets.in()).get(random.nextInt(3));
      if (open.size() < 40 && random.nextInt(4) == 0) {
        open.add(budgets.holder(address("10.0.0." + random.nextInt(4))));
      }
      if (open.isEmpty()) {
        continue;
      }
      Holder holder = open.get(random.nextInt(open.size()));
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> holder.reserve(budget, random.nextInt(90_000));
        case 3, 4 -> holder.release(budget, random.nextInt(90_000));
        case 5 -> holder.user(random.nextInt(6));
        case 6 -> holder.address(address("10.0.0." + random.nextInt(4)));
        default -> {
          holder.close();
          open.remove(holder);
        }
      }
      long sum = 0;
      for (Holder each : open) {
        sum += each.held(budget);
      }
      assertThat(budget.used()).isEqualTo(sum);
      assertThat(sum).isLessThanOrEqualTo(budget.limit());
    }
    open.forEach(Holder::close);

    for (Pool pool : budgets.ledger().pools()) {
      assertThat(pool.used()).isZero();
    }
    assertThat(budgets.ledger().users().size() + budgets.ledger().addresses().size())
        .isZero();
  }

  /** Each megabyte on account of a user and an address of its own. */
  private void fill(int megabytes) {
    for (int i = 0; i < megabytes; i++) {
      int id = 1_000 + (int) (budgets.out().used() / MB);
      assertThat(signedIn("10.1." + id / 256 + "." + id % 256, id).reserve(budgets.out(), MB))
          .isTrue();
    }
  }

  private Holder signedIn(String client, long userId) {
    Holder holder = budgets.holder(address(client));
    holder.user(userId);
    return holder;
  }

  private double refused(String budget, String reason) {
    return meters
        .get("gochat.budget.refused")
        .tag("budget", budget)
        .tag("reason", reason)
        .counter()
        .count();
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}

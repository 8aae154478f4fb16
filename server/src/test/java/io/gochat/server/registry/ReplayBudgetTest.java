package io.gochat.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.bounds.Budgets;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayBudgetTest {
  private static final long PAGE = ReplayBudget.PAGE_BYTES;

  /** Eight pages, and 56 times as many bytes of rests. */
  private final Budgets budgets =
      new Budgets(new Budgets.Limits(1, 64 * PAGE, 1, PAGE, 1), new SimpleMeterRegistry());

  private final ReplayBudget budget = new ReplayBudget(budgets);
  private final List<String> happened = new ArrayList<>();

  @Test
  void an_eighth_is_for_pages_and_whoever_comes_then_waits_for_one_to_come_back() {
    List<Loan> loans = new ArrayList<>();
    for (int user = 1; user <= 9; user++) {
      loans.add(wanting(user, "page " + user));
    }
    assertThat(happened).hasSize(8).doesNotContain("page 9");

    loans.get(0).returnPage();

    assertThat(happened).endsWith("page 9");
  }

  @Test
  void a_crowd_of_one_user_keeps_somebody_else_waiting_for_one_page() {
    List<Loan> crowd = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      crowd.add(wanting(1, "crowd"));
    }
    wanting(2, "somebody else");
    happened.clear();

    crowd.get(0).returnPage();
    crowd.get(1).returnPage();

    assertThat(happened).contains("somebody else");
  }

  @Test
  void pages_that_come_back_go_round_over_the_users() {
    List<Loan> first = new ArrayList<>();
    for (int user = 1; user <= 8; user++) {
      first.add(wanting(user, "first"));
    }
    wanting(10, "ten");
    wanting(10, "ten again");
    wanting(11, "eleven");
    happened.clear();

    first.forEach(Loan::returnPage);

    assertThat(happened).containsExactly("ten", "eleven", "ten again");
  }

  @Test
  void who_does_not_wait_any_more_takes_nothing() {
    List<Loan> first = new ArrayList<>();
    for (int user = 1; user <= 8; user++) {
      first.add(wanting(user, "first"));
    }
    Loan gone = wanting(10, "gone");
    Loan given = wanting(11, "given");
    happened.clear();

    gone.close();
    first.forEach(Loan::returnPage);
    given.returnPage();

    assertThat(happened).containsExactly("given");
    assertThat(budgets.replay().used()).isZero();
  }

  @Test
  void rests_over_their_part_cost_those_who_rest_for_longest() {
    loan(1, "one").rest(50 * PAGE);
    loan(2, "two").rest(6 * PAGE);
    assertThat(happened).isEmpty();

    loan(3, "three").rest(PAGE);

    assertThat(happened).containsExactly("evicted one");
  }

  @Test
  void who_is_told_to_end_is_counted_on() {
    Loan one = loan(1, "one");
    one.rest(50 * PAGE);
    loan(2, "two").rest(6 * PAGE);

    loan(3, "three").rest(PAGE);
    loan(4, "four").rest(PAGE);
    one.close();
    loan(5, "five").rest(PAGE);

    assertThat(happened).containsExactly("evicted one");
  }

  @Test
  void rests_keep_nobody_from_a_page() {
    loan(1, "one").rest(56 * PAGE);

    wanting(1, "page");

    assertThat(happened).containsExactly("page");
  }

  private Loan wanting(long userId, String name) {
    Loan loan = loan(userId, name);
    loan.takePage(() -> happened.add(name));
    return loan;
  }

  private Loan loan(long userId, String name) {
    return budget.open(address(), userId, Runnable::run, () -> happened.add("evicted " + name));
  }

  private static InetAddress address() {
    try {
      return InetAddress.getByAddress(new byte[] {10, 0, 0, 1});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}

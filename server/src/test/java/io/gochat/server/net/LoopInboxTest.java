package io.gochat.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class LoopInboxTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<String> ran = new ArrayList<>();
  private final LoopInbox inbox = new LoopInbox(channel.eventLoop(), () -> ran.add("afterwards"));

  @Test
  void tasks_run_in_the_order_in_which_they_came_and_what_comes_afterwards_once() {
    inbox.execute(() -> ran.add("one"));
    inbox.execute(() -> ran.add("two"));

    channel.runPendingTasks();

    assertThat(ran).containsExactly("one", "two", "afterwards");
  }

  @Test
  void a_task_that_throws_costs_those_behind_it_nothing() {
    inbox.execute(() -> {
      throw new IllegalStateException("for the test");
    });
    inbox.execute(() -> {
      throw new OutOfMemoryError("for the test");
    });
    inbox.execute(() -> ran.add("behind"));

    channel.runPendingTasks();

    assertThat(ran).containsExactly("behind", "afterwards");
  }

  @Test
  void a_task_may_hand_over_another_one() {
    inbox.execute(() -> inbox.execute(() -> ran.add("second")));

    channel.runPendingTasks();

    assertThat(ran).startsWith("second");
  }

  @Test
  void what_comes_afterwards_can_be_woken_without_a_task() {
    inbox.wake();

    channel.runPendingTasks();

    assertThat(ran).containsExactly("afterwards");
  }

  @Test
  void what_is_handed_over_together_wakes_its_loop_behind_the_last() {
    CountingLoop loop = new CountingLoop();
    LoopInbox answers = new LoopInbox(loop);
    LoopInbox deliveries = new LoopInbox(loop);

    LoopInbox.together(() -> {
      answers.execute(() -> ran.add("answer"));
      deliveries.execute(() -> ran.add("delivery"));
      answers.execute(() -> ran.add("another answer"));
      assertThat(loop.executed).isEmpty();
    });

    assertThat(loop.executed).hasSize(2);
    loop.executed.forEach(Runnable::run);
    assertThat(ran).containsExactly("answer", "another answer", "delivery");
  }

  @Test
  void a_loop_that_takes_nothing_keeps_no_other_asleep_and_is_tried_again() {
    CountingLoop stopped = new CountingLoop();
    CountingLoop other = new CountingLoop();
    LoopInbox first = new LoopInbox(stopped);
    LoopInbox second = new LoopInbox(other);
    stopped.refuses = true;

    assertThatThrownBy(() -> LoopInbox.together(() -> {
          first.execute(() -> ran.add("first"));
          second.execute(() -> ran.add("second"));
        }))
        .isInstanceOf(RejectedExecutionException.class);
    stopped.refuses = false;
    first.execute(() -> ran.add("first again"));

    other.executed.forEach(Runnable::run);
    stopped.executed.forEach(Runnable::run);
    assertThat(ran).containsExactly("second", "first", "first again");
  }

  @Test
  void what_throws_while_it_hands_over_has_handed_over_what_came_before() {
    CountingLoop loop = new CountingLoop();
    LoopInbox door = new LoopInbox(loop);

    assertThatThrownBy(() -> LoopInbox.together(() -> {
          door.execute(() -> ran.add("before"));
          throw new IllegalStateException("for the test");
        }))
        .isInstanceOf(IllegalStateException.class);
    door.execute(() -> ran.add("after"));

    loop.executed.forEach(Runnable::run);
    assertThat(ran).containsExactly("before", "after");
  }

  /** Keeps what it is given. */
  private static final class CountingLoop extends DefaultEventLoop {
    final List<Runnable> executed = new ArrayList<>();
    boolean refuses;

    @Override
    public void execute(Runnable task) {
      if (refuses) {
        throw new RejectedExecutionException("for the test");
      }
      executed.add(task);
    }
  }
}

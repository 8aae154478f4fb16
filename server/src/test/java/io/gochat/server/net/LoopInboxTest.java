package io.gochat.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
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
}

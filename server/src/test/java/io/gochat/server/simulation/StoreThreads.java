package io.gochat.server.simulation;

import io.gochat.server.failure.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * How a store answers: at once, late, in any order, with what was true when it was asked or when it answers, or not at all.
 * Confined to the simulation's thread.
 */
final class StoreThreads {
  private static final int AT_ONCE_ONE_IN = 4;

  private final Dice dice;
  private final Trace trace;
  private final List<Runnable> waiting = new ArrayList<>();
  private int failsOneIn;

  StoreThreads(Dice dice, Trace trace) {
    this.dice = dice;
    this.trace = trace;
  }

  /** So often an answer is that the store cannot be had; 0: never. */
  void failsOneIn(int times) {
    failsOneIn = times;
  }

  boolean isIdle() {
    return waiting.isEmpty();
  }

  /** One of those who wait has its answer. */
  void answerOne() {
    if (!waiting.isEmpty()) {
      waiting.remove(dice.below(waiting.size())).run();
    }
  }

  /** Reads, or writes: then {@code work} is done once, or, if the answer is a failure, perhaps not. */
  <T> CompletableFuture<T> ask(String what, Supplier<T> work) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (trace.isKept()) {
      answer.whenComplete((value, failure) ->
          trace.add(() -> "  " + what + ": " + (failure == null ? value : failure.getMessage())));
    }
    if (dice.oneIn(AT_ONCE_ONE_IN)) {
      settle(answer, work);
      return answer;
    }
    if (dice.oneIn(2)) {
      T asOfNow = work.get();
      waiting.add(() -> settle(answer, () -> asOfNow));
    } else {
      waiting.add(() -> settle(answer, work));
    }
    return answer;
  }

  private <T> void settle(CompletableFuture<T> answer, Supplier<T> work) {
    if (dice.oneIn(failsOneIn)) {
      answer.completeExceptionally(new StoreUnavailableException("says the schedule"));
    } else {
      answer.complete(work.get());
    }
  }
}

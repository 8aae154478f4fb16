package io.gochat.server;

import io.gochat.server.account.AccountOptions;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.config.MemoryPlan;
import io.gochat.server.store.Store;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.UnaryOperator;

/**
 * What a node takes from its process and not from its settings; tests replace it, and nothing else, of the server that
 * ships. Immutable.
 *
 * @param clock what time it is
 * @param meters where it counts; closed with the server
 * @param memory how the memory is divided, given what the settings come to
 * @param accounts how accounts are protected, given what the settings come to
 * @param store the store, given the one that was opened: a test tampers with it, to show that a loss is noticed
 */
record Surroundings(
    GuardedClock clock,
    PrometheusMeterRegistry meters,
    UnaryOperator<MemoryPlan> memory,
    UnaryOperator<AccountOptions> accounts,
    UnaryOperator<Store> store) {
  /** Those of a server that ships. */
  static Surroundings ofThisProcess() {
    return new Surroundings(
        GuardedClock.ofSystem(),
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
        UnaryOperator.identity(),
        UnaryOperator.identity(),
        UnaryOperator.identity());
  }

  /** The same on another store. */
  Surroundings withStore(UnaryOperator<Store> other) {
    return new Surroundings(clock, meters, memory, accounts, other);
  }
}

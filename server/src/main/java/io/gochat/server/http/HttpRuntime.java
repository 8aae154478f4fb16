package io.gochat.server.http;

import io.gochat.server.bounds.Budgets;

/** What all HTTP connections share. Thread-safe. */
final class HttpRuntime {
  private final HttpOptions options;
  private final Budgets budgets;
  private final Router router;
  private final ReplyWriter writer;
  private final HttpMeters meters;
  private final HeadRules rules;
  private volatile boolean draining;

  HttpRuntime(
      HttpOptions options, Budgets budgets, Router router, ReplyWriter writer, HttpMeters meters) {
    this.options = options;
    this.budgets = budgets;
    this.router = router;
    this.writer = writer;
    this.meters = meters;
    this.rules = new HeadRules(options, router);
  }

  HttpOptions options() {
    return options;
  }

  Budgets budgets() {
    return budgets;
  }

  Router router() {
    return router;
  }

  ReplyWriter writer() {
    return writer;
  }

  HttpMeters meters() {
    return meters;
  }

  HeadRules rules() {
    return rules;
  }

  /** Whether each connection ends with its current request. */
  boolean isDraining() {
    return draining;
  }

  /** From now on each connection ends with its current request, and an idle one at its next tick. */
  void drain() {
    draining = true;
  }
}

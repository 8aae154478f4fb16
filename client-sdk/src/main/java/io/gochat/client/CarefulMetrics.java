package io.gochat.client;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Metrics whose failures stay theirs. Thread-safe. */
final class CarefulMetrics implements ClientMetrics {
  static final ClientMetrics NONE = new ClientMetrics() {};

  private final ClientMetrics metrics;
  private final AtomicBoolean failed = new AtomicBoolean();

  CarefulMetrics(ClientMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void connected() {
    tell(metrics::connected);
  }

  @Override
  public void disconnected() {
    tell(metrics::disconnected);
  }

  @Override
  public void attemptFailed(String detail) {
    tell(() -> metrics.attemptFailed(detail));
  }

  @Override
  public void published(Duration took, int sent) {
    tell(() -> metrics.published(took, sent));
  }

  @Override
  public void publishFailed(Failure why) {
    tell(() -> metrics.publishFailed(why));
  }

  @Override
  public void sentAgain(Failure why) {
    tell(() -> metrics.sentAgain(why));
  }

  @Override
  public void delivered(Message message) {
    tell(() -> metrics.delivered(message));
  }

  @Override
  public void lost(Gap gap) {
    tell(() -> metrics.lost(gap));
  }

  private void tell(Runnable what) {
    try {
      what.run();
    } catch (RuntimeException | Error e) {
      if (failed.compareAndSet(false, true)) {
        ClientLog.LOG.warn("the metrics threw; nothing else is affected, and it is told once", e);
      }
    }
  }
}

package io.gochat.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class StoreMetersTest {
  private static final int PUBLISHES = 200_000;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final StoreMeters meters = new StoreMeters(registry, () -> 0, () -> false);

  @Test
  void recording_a_publish_allocates_nothing() {
    assumeThat(ManagementFactory.getThreadMXBean())
        .as("this JVM counts what threads allocate")
        .isInstanceOf(ThreadMXBean.class);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    record(PUBLISHES); // classes are loaded, counters have their cells
    long before = threads.getCurrentThreadAllocatedBytes();

    record(PUBLISHES);

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(PUBLISHES);
  }

  @Test
  void a_latency_is_in_the_bucket_of_its_time_and_all_longer_ones() {
    meters.durable(3_000_000); // 3 ms

    assertThat(registry.scrape().lines())
        .contains(
            "gochat_publish_durable_seconds_bucket{le=\"0.0025\"} 0",
            "gochat_publish_durable_seconds_bucket{le=\"0.005\"} 1",
            "gochat_publish_durable_seconds_bucket{le=\"10.0\"} 1",
            "gochat_publish_durable_seconds_bucket{le=\"+Inf\"} 1");
  }

  private void record(int publishes) {
    for (int i = 0; i < publishes; i++) {
      meters.durable(i * 1_000L);
      meters.handedOver(i * 1_000L);
      meters.committed(i * 1_000L, 3);
    }
  }
}

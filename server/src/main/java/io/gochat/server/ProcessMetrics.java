package io.gochat.server;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocatorMetric;

/** Figures of the process itself. Thread-safe. */
final class ProcessMetrics implements AutoCloseable {
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

  /** Loads the JVM's management classes, which takes longer than the rest of the start: not before the port is open. */
  void bindTo(MeterRegistry meters) {
    new JvmMemoryMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    new UptimeMetrics().bindTo(meters);
    new FileDescriptorMetrics().bindTo(meters);
    garbageCollection.bindTo(meters);
    PooledByteBufAllocatorMetric buffers = PooledByteBufAllocator.DEFAULT.metric();
    Gauge.builder("gochat.buffers.direct", buffers, PooledByteBufAllocatorMetric::usedDirectMemory)
        .description("Memory that the buffers of connections hold")
        .baseUnit("bytes")
        .register(meters);
  }

  @Override
  public void close() {
    garbageCollection.close();
  }
}

package io.gochat.server;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocatorMetric;
import java.lang.management.ManagementFactory;
import java.util.function.BooleanSupplier;

/** Figures of the process itself. Thread-safe. */
final class ProcessMeters implements AutoCloseable {
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

  /** What says which node this is, and whether it wants traffic; cheap enough for the start. */
  static void identify(MeterRegistry meters, String store, BooleanSupplier ready) {
    Gauge.builder("gochat.ready", () -> ready.getAsBoolean() ? 1 : 0)
        .description("1: this node accepts work, as /readyz says")
        .register(meters);
    Gauge.builder("gochat.build.info", () -> 1)
        .description("Always 1; what runs here, in the labels")
        .tag("version", Version.number())
        .tag("java", Runtime.version().toString())
        .tag("store", store)
        .register(meters);
  }

  /** Loads the JVM's management classes, which takes longer than the rest of the start: not before the port is open. */
  void bindTo(MeterRegistry meters) {
    new JvmMemoryMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    new UptimeMetrics().bindTo(meters);
    new FileDescriptorMetrics().bindTo(meters);
    garbageCollection.bindTo(meters);
    cpuTime(meters);
    PooledByteBufAllocatorMetric buffers = PooledByteBufAllocator.DEFAULT.metric();
    Gauge.builder("gochat.buffers.direct", buffers, PooledByteBufAllocatorMetric::usedDirectMemory)
        .description("Memory that the buffers of connections hold")
        .baseUnit("bytes")
        .register(meters);
  }

  /** Two of the library's names are none for Prometheus: nanoseconds are no unit, and a {@code _count} is a histogram's. */
  static void nameAsPrometheusDoes(MeterRegistry meters) {
    meters.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
    meters.config().meterFilter(new MeterFilter() {
      @Override
      public Meter.Id map(Meter.Id id) {
        return id.getName().equals("system.cpu.count") ? id.withName("system.cpu.cores") : id;
      }
    });
  }

  private static void cpuTime(MeterRegistry meters) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      FunctionCounter.builder("process.cpu", system, of -> of.getProcessCpuTime() / 1e9)
          .description("CPU time that this process has used")
          .baseUnit("seconds")
          .register(meters);
    }
  }

  @Override
  public void close() {
    garbageCollection.close();
  }
}

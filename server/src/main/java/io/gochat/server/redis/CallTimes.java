package io.gochat.server.redis;

import io.gochat.server.metrics.Histograms;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * How long Redis takes to answer, by command. Thread-safe; called on the client's threads. What waits in Redis on purpose
 * is not a call that takes long, and is left out.
 */
final class CallTimes implements CommandLatencyRecorder {
  private final MeterRegistry meters;
  private final Map<String, Timer> byCommand = new ConcurrentHashMap<>();

  CallTimes(MeterRegistry meters) {
    this.meters = meters;
    of("EVALSHA"); // what every publish is, so that the figure is there from the start
  }

  @Override
  public void recordCommandLatency(
      SocketAddress local,
      SocketAddress remote,
      ProtocolKeyword command,
      long firstResponseNanos,
      long completionNanos) {
    String word = command.toString();
    if (!waits(word)) {
      of(word).record(completionNanos, TimeUnit.NANOSECONDS);
    }
  }

  private static boolean waits(String command) {
    return command.equals("XREAD") || command.equals("WAIT");
  }

  private Timer of(String command) {
    return byCommand.computeIfAbsent(
        command,
        word -> Histograms.timer(
                "gochat.redis.call", "From sending a command to Redis to its whole answer")
            .tag("command", word.toLowerCase(Locale.ROOT))
            .register(meters));
  }
}

package io.gochat.server.metrics;

import io.gochat.protocol.ErrorKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** Counts what was refused, by the word that it was answered with, over every protocol. Thread-safe. */
public final class RefusedCommands {
  private final Map<ErrorKind, Counter> byKind = new EnumMap<>(ErrorKind.class);
  private final Counter answerNotRead;

  /** All of them exist from the start, so that none is looked up, and none begins in the middle of a graph. */
  public RefusedCommands(MeterRegistry meters) {
    for (ErrorKind kind : ErrorKind.values()) {
      byKind.put(kind, counter(meters, kind.word()));
    }
    answerNotRead = counter(meters, "answer_not_read");
  }

  private static Counter counter(MeterRegistry meters, String reason) {
    return Counter.builder("gochat.refused")
        .description("Requests and commands that were answered with an error, by its word")
        .tag("reason", reason)
        .register(meters);
  }

  /** Something was answered with this. */
  public void count(ErrorKind kind) {
    Counter counter = byKind.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  /** A peer did not take its answer in time. */
  public void countAnswerNotRead() {
    answerNotRead.increment();
  }
}

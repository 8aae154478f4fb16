package io.gochat.server.metrics;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.bounds.Warnings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what was refused, by the word that it was answered with, over every protocol, and tells the operator of what is
 * refused because there is too much of it. Thread-safe.
 */
public final class RefusedCommands {
  private static final Logger log = LoggerFactory.getLogger(RefusedCommands.class);

  private final Map<ErrorKind, Counter> byKind = new EnumMap<>(ErrorKind.class);
  private final Counter answerNotRead;
  private final Warnings warnings = new Warnings(log);

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

  /** Something was answered with this; {@code detail} says what, and holds nothing that a peer sent. */
  public void count(ErrorKind kind, String detail) {
    if (kind == ErrorKind.OVERLOADED || kind == ErrorKind.TOO_MANY) {
      warnings.warn(kind.word(), "what is asked for is refused (" + kind.word() + ")", detail);
    }
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

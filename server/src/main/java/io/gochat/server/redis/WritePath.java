package io.gochat.server.redis;

import io.gochat.server.failure.Failure;
import io.gochat.server.metrics.StoreMeters;
import io.lettuce.core.RedisCommandExecutionException;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Redis takes writes. Thread-safe; nothing blocks. A Redis that answers and refuses is not ready for anybody, and
 * an operator is told why once, until it takes writes again.
 */
final class WritePath {
  private static final Logger log = LoggerFactory.getLogger(WritePath.class);

  private final MeterRegistry meters;
  private final Supplier<CompletionStage<String>> missingRights;
  private volatile @Nullable Refusal refusal;

  /** Why Redis refuses. */
  enum Refusal {
    FULL("OOM", "store_full", true, "it is full (maxmemory)"),
    TOO_FEW_REPLICAS("NOREPLICAS", "too_few_replicas", true, "it has too few replicas"),
    READ_ONLY("READONLY", "read_only", true, "it is a replica now"),
    NOT_SAVED("MISCONF", "not_saved", true, "it cannot write to its disk"),
    NO_RIGHT("NOPERM", "no_right", false, "its ACL lacks a right that is needed");

    private static final String RIGHT_IN_SCRIPT = "ACL failure in script";
    private static final String RIGHT_IN_SCRIPT_OF_6 = "The user executing the script can't";

    private final String code;
    private final String word;
    private final boolean wroteNothing;
    private final String sentence;

    Refusal(String code, String word, boolean wroteNothing, String sentence) {
      this.code = code;
      this.word = word;
      this.wroteNothing = wroteNothing;
      this.sentence = sentence;
    }

    /** Whether a script that was refused so has certainly written nothing: Redis looks before the first write. */
    boolean wroteNothing() {
      return wroteNothing;
    }

    /** What it is, for people. */
    String sentence() {
      return sentence;
    }

    /** Whether this failure is a refusal; one that only broke a connection is none. */
    static Optional<Refusal> of(Throwable failure) {
      Throwable cause = Failure.cause(failure);
      if (cause instanceof RedisCommandExecutionException) {
        // Redis 6 wraps the error of a command inside a script; 7 passes it on.
        String message = cause.getMessage() + " ";
        for (Refusal each : values()) {
          if (message.contains(each.code + " ")) {
            return Optional.of(each);
          }
        }
        if (message.contains(RIGHT_IN_SCRIPT) || message.contains(RIGHT_IN_SCRIPT_OF_6)) {
          return Optional.of(NO_RIGHT);
        }
      }
      return Optional.empty();
    }
  }

  /** {@code missingRights} names, as rules of an ACL, what a script may not do: the refusal itself does not. */
  WritePath(MeterRegistry meters, Supplier<CompletionStage<String>> missingRights) {
    this.meters = meters;
    this.missingRights = missingRights;
    for (Refusal refusal : Refusal.values()) {
      StoreMeters.refused(meters, refusal.word);
    }
  }

  /** Whether the last write that told anything was taken. */
  boolean isOpen() {
    return refusal == null;
  }

  /** Whether it refuses for want of memory. */
  boolean isFull() {
    return refusal == Refusal.FULL;
  }

  /** Whether Redis says that it is a replica: what is connected must connect anew. */
  boolean isReadOnly() {
    return refusal == Refusal.READ_ONLY;
  }

  /** A write was taken. */
  void taken() {
    if (refusal != null) {
      refusal = null;
      log.info("Redis takes writes again");
    }
  }

  /** {@code messages} were not written; counts why, where Redis said so. */
  void failed(Throwable failure, int messages) {
    Refusal found = Refusal.of(failure).orElse(null);
    if (found == null) {
      return; // no connection, no answer: that is told elsewhere
    }
    StoreMeters.refused(meters, found.word).increment(messages);
    if (refusal != found) {
      refusal = found;
      warn(found, String.valueOf(Failure.cause(failure).getMessage()));
    }
  }

  private void warn(Refusal found, String message) {
    if (found != Refusal.NO_RIGHT) {
      log.warn("Redis refuses writes, because {}: {}", found.sentence, message);
      return;
    }
    missingRights
        .get()
        .whenComplete((rights, failure) -> log.warn(
            "Redis refuses writes, because {}: {}",
            found.sentence,
            failure != null || rights.isEmpty() ? message : rights));
  }
}

package io.gochat.server.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.gochat.server.failure.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * What this thread logs as a bug: our errors, and what Netty did not expect. What is a warning only is not printed: it is
 * what the schedule did. Other threads log as ever.
 */
final class BugLog extends TurboFilter implements AutoCloseable {
  private final Thread thread = Thread.currentThread();
  private final List<String> bugs = new ArrayList<>();
  private @Nullable Throwable cause;

  /** From now on, until it is closed. */
  static BugLog open() {
    BugLog log = new BugLog();
    ((LoggerContext) LoggerFactory.getILoggerFactory()).addTurboFilter(log);
    return log;
  }

  @Override
  public void close() {
    ((LoggerContext) LoggerFactory.getILoggerFactory()).getTurboFilterList().remove(this);
  }

  /** Fails if there was one. */
  void mustBeEmpty() {
    if (!bugs.isEmpty()) {
      AssertionError failure = new AssertionError("logged as a bug: " + bugs);
      failure.initCause(cause);
      throw failure;
    }
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    if (Thread.currentThread() != thread) {
      return FilterReply.NEUTRAL;
    }
    boolean isBug = level.isGreaterOrEqual(Level.ERROR)
        || (level.isGreaterOrEqual(Level.WARN) && logger.getName().startsWith("io.netty"));
    if (isBug && format != null && !isForWantOfMemory(thrown, arguments)) {
      bugs.add(logger.getName() + ": " + format);
      cause = thrown == null ? thrownIn(arguments) : thrown;
    }
    return FilterReply.DENY;
  }

  private static boolean isForWantOfMemory(
      @Nullable Throwable thrown, Object @Nullable [] arguments) {
    Throwable fault = thrown == null ? thrownIn(arguments) : thrown;
    return fault != null && Failure.cause(fault) instanceof OutOfMemoryError;
  }

  private static @Nullable Throwable thrownIn(Object @Nullable [] arguments) {
    return arguments != null
            && arguments.length > 0
            && arguments[arguments.length - 1] instanceof Throwable last
        ? last
        : null;
  }
}

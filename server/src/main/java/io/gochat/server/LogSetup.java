package io.gochat.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.gochat.server.admin.AuditLog;
import io.gochat.server.config.LogConfig;
import io.gochat.server.config.LogFormat;
import io.gochat.server.config.LogLevel;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs to standard error: standard output holds the ready line and nothing else. Found by Logback as a service and used
 * once; {@link #take} changes it later, on any thread. In code and not in a file, because reading XML takes a fifth of the
 * start; who wants something else gives {@code -Dlogback.configurationFile=…}.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_LOW_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {
  private static final String LEVEL = "GOCHAT_LOG_LEVEL";
  private static final String OURS = "io.gochat";
  private static final String STANDARD_ERROR = "stderr";
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{24} - %msg%n";

  @Override
  public ExecutionStatus configure(LoggerContext logging) {
    if (isLeftToOthers()) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    logging
        .getLogger(Logger.ROOT_LOGGER_NAME)
        .addAppender(standardError(logging, STANDARD_ERROR, pattern(logging, PATTERN)));
    logging.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    logging.getLogger(OURS).setLevel(Level.toLevel(System.getenv(LEVEL), Level.INFO));
    // The store says once that Redis does not answer; its
    // client would for each attempt of each connection.
    logging.getLogger("io.lettuce").setLevel(Level.ERROR);
    // A line is a JSON object and nothing else.
    logging
        .getLogger(AuditLog.NAME)
        .addAppender(standardError(logging, "audit", pattern(logging, "%msg%n")));
    logging.getLogger(AuditLog.NAME).setAdditive(false);
    logging.getLogger(AuditLog.NAME).setLevel(Level.INFO);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static boolean isLeftToOthers() {
    return System.getProperty("logback.configurationFile") != null
        || LogSetup.class.getResource("/logback-test.xml") != null;
  }

  /** Logs like this from now on, unless somebody configured Logback otherwise. */
  static void take(LogConfig config) {
    if (isLeftToOthers() || !(LoggerFactory.getILoggerFactory() instanceof LoggerContext logging)) {
      return;
    }
    logging.getLogger(OURS).setLevel(Level.toLevel(config.level().name()));
    ch.qos.logback.classic.Logger root = logging.getLogger(Logger.ROOT_LOGGER_NAME);
    if (isJson() != (config.format() == LogFormat.JSON)) {
      // The new one first: no line is lost between them.
      root.addAppender(standardError(
          logging,
          config.format() == LogFormat.JSON ? LogFormat.JSON.name() : STANDARD_ERROR,
          config.format() == LogFormat.JSON ? new JsonLines() : pattern(logging, PATTERN)));
      root.detachAppender(
          config.format() == LogFormat.JSON ? STANDARD_ERROR : LogFormat.JSON.name());
    }
  }

  /** Whether standard error holds JSON objects, and so nothing else. */
  static boolean isJson() {
    return LoggerFactory.getILoggerFactory() instanceof LoggerContext logging
        && logging.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(LogFormat.JSON.name()) != null;
  }

  /** What is wrong with the level that the environment gives; empty: nothing. */
  static Optional<String> refusal(Map<String, String> environment) {
    String level = environment.get(LEVEL);
    boolean isKnown = level == null
        || Arrays.stream(LogLevel.values())
            .anyMatch(known -> known.name().equals(level.toUpperCase(Locale.ROOT)));
    return isKnown
        ? Optional.empty()
        : Optional.of(
            LEVEL + " must be OFF, ERROR, WARN, INFO, DEBUG or TRACE, not " + level + ".");
  }

  private static Encoder<ILoggingEvent> pattern(LoggerContext logging, String pattern) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(logging);
    encoder.setPattern(pattern);
    encoder.start();
    return encoder;
  }

  private static ConsoleAppender<ILoggingEvent> standardError(
      LoggerContext logging, String name, Encoder<ILoggingEvent> encoder) {
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(logging);
    appender.setName(name);
    appender.setTarget("System.err");
    encoder.setContext(logging);
    encoder.start();
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }
}

package io.gochat.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.gochat.server.admin.AuditLog;
import org.slf4j.Logger;

/**
 * Logs to standard error: standard output holds the ready line and nothing else. Found by Logback as a service and used
 * once. In code and not in a file, because reading XML takes a fifth of the start; who wants something else gives
 * {@code -Dlogback.configurationFile=…}.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_LOW_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{24} - %msg%n";

  @Override
  public ExecutionStatus configure(LoggerContext logging) {
    if (System.getProperty("logback.configurationFile") != null
        || LogSetup.class.getResource("/logback-test.xml") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    logging
        .getLogger(Logger.ROOT_LOGGER_NAME)
        .addAppender(standardError(logging, "stderr", PATTERN));
    logging.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    logging
        .getLogger("io.gochat")
        .setLevel(Level.toLevel(System.getenv("GOCHAT_LOG_LEVEL"), Level.INFO));
    // The store says once that Redis does not answer; its client would for each attempt of each
    // connection.
    logging.getLogger("io.lettuce").setLevel(Level.ERROR);
    // A line is a JSON object and nothing else.
    logging.getLogger(AuditLog.NAME).addAppender(standardError(logging, "audit", "%msg%n"));
    logging.getLogger(AuditLog.NAME).setAdditive(false);
    logging.getLogger(AuditLog.NAME).setLevel(Level.INFO);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static ConsoleAppender<ILoggingEvent> standardError(
      LoggerContext logging, String name, String pattern) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(logging);
    encoder.setPattern(pattern);
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(logging);
    appender.setName(name);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }
}

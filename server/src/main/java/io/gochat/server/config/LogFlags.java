package io.gochat.server.config;

import picocli.CommandLine.Option;

/** The flags about the log. Filled by picocli, then read once. */
final class LogFlags {
  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "INFO",
      description = "What goes to standard error: OFF, ERROR, WARN, INFO, DEBUG or TRACE."
          + FlagDefaults.RELOADED)
  private LogLevel level = LogLevel.INFO;

  @Option(
      names = "--log-format",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "Lines for people, or one JSON object a line." + FlagDefaults.RELOADED)
  private LogFormat format = LogFormat.TEXT;

  LogConfig config() {
    return new LogConfig(level, format);
  }
}

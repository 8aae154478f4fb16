package io.gochat.server.config;

/**
 * The log on standard error. Immutable.
 *
 * @param level what is less important is left out
 * @param format of a line
 */
public record LogConfig(LogLevel level, LogFormat format) {}

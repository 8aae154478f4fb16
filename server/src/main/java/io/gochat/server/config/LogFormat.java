package io.gochat.server.config;

/** What a line of the log looks like. */
public enum LogFormat {
  /** For people. */
  TEXT,
  /** One object a line. */
  JSON
}

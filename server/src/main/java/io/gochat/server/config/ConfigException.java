package io.gochat.server.config;

/** The settings cannot be used; the message is a sentence for the operator. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says which setting is wrong and what it may be. */
  public ConfigException(String sentence) {
    super(sentence);
  }
}

package io.gochat.server.config;

import java.time.Duration;

/** Refuses settings out of range with a sentence that names the flag. Stateless. */
final class Check {
  private Check() {}

  static int range(String flag, long value, long least, long most) {
    if (value < least || value > most) {
      throw new ConfigException(
          flag + " must be " + least + " to " + most + ", not " + value + ".");
    }
    return (int) value;
  }

  static long atLeast(String flag, long value, long least) {
    if (value < least) {
      throw new ConfigException(flag + " must be at least " + least + ", not " + value + ".");
    }
    return value;
  }

  static Duration atLeast(String flag, Duration value, Duration least) {
    if (value.compareTo(least) < 0) {
      throw new ConfigException(
          flag + " must be at least " + least.toMillis() + "ms, not " + value.toMillis() + "ms.");
    }
    return value;
  }

  static boolean onOrOff(String flag, String value) {
    if (!value.equals("on") && !value.equals("off")) {
      throw new ConfigException(flag + " must be on or off, not " + value + ".");
    }
    return value.equals("on");
  }

  static String notBlank(String flag, String value) {
    if (value.isBlank()) {
      throw new ConfigException(flag + " must not be empty.");
    }
    return value;
  }
}

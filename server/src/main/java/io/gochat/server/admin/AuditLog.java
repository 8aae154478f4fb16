package io.gochat.server.admin;

import java.time.InstantSource;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who changed what: one JSON object a line, on the logger {@code gochat.audit}. Thread-safe. Says neither passwords nor
 * texts.
 */
public final class AuditLog {
  /** The logger. */
  public static final String NAME = "gochat.audit";

  private static final Logger AUDIT = LoggerFactory.getLogger(NAME);

  private final InstantSource clock;

  /** Dates lines by {@code clock}. */
  public AuditLog(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * A line.
   *
   * @param action a stable word, {@code user.disable}
   * @param target whom or what it was done to
   * @param outcome {@code ok}, or the word of the error
   */
  void wrote(Caller caller, String action, String target, String outcome) {
    StringBuilder line = new StringBuilder(200).append('{');
    append(line, "time", clock.instant().toString());
    append(line.append(','), "key", caller.service().key().name());
    append(line.append(','), "from", caller.from().getHostAddress());
    append(line.append(','), "action", action);
    append(line.append(','), "target", target);
    append(line.append(','), "outcome", outcome);
    AUDIT.info(line.append('}').toString());
  }

  private static void append(StringBuilder line, String key, String value) {
    line.append('"').append(key).append("\":\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        line.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7F || Character.isSurrogate(c) || c == 0x2028 || c == 0x2029) {
        line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        line.append(c);
      }
    }
    line.append('"');
  }
}

package io.gochat.server.admin;

import io.gochat.server.json.QuotedText;
import java.time.InstantSource;
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
    QuotedText.append(line, "time", clock.instant().toString());
    QuotedText.append(line.append(','), "key", caller.service().key().name());
    QuotedText.append(line.append(','), "from", caller.from().getHostAddress());
    QuotedText.append(line.append(','), "action", action);
    QuotedText.append(line.append(','), "target", target);
    QuotedText.append(line.append(','), "outcome", outcome);
    AUDIT.info(line.append('}').toString());
  }
}

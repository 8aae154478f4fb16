package io.gochat.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** How long a test waits that does not say how long: a deadline is for what never comes, also on a busy machine. */
public final class Patience implements BeforeAllCallback {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(DEADLINE);
  }
}

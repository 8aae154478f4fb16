package io.gochat.server.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class WarningsTest {
  private final AtomicLong nowNanos = new AtomicLong(-5);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger("warnings-test");
  private final Warnings warnings = new Warnings(log, nowNanos::get);

  WarningsTest() {
    log.setAdditive(false);
    log.addAppender(lines);
    lines.start();
  }

  @Test
  void each_reason_is_said_once_a_minute_with_the_count_since() {
    for (int i = 0; i < 10; i++) {
      warnings.warn("full", "no room for a connection", "10.0.0." + i);
    }
    warnings.warn("tls", "somebody speaks TLS", null);

    nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(60));
    warnings.warn("full", "no room for a connection", "10.0.0.9");

    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "no room for a connection: 10.0.0.0",
            "somebody speaks TLS",
            "no room for a connection: 10.0.0.9 (10 times since this was last said)");
  }
}

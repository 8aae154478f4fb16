package io.gochat.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gochat.protocol.ErrorKind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusedCommandsTest {
  private final Logger log = (Logger) LoggerFactory.getLogger(RefusedCommands.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RefusedCommands refused = new RefusedCommands(meters);

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void stop() {
    log.detachAppender(lines);
  }

  @Test
  void what_there_is_too_much_of_is_told_once_and_counted_each_time() {
    for (int i = 0; i < 3; i++) {
      refused.count(ErrorKind.OVERLOADED, "the store's queue is full");
      refused.count(ErrorKind.TOO_MANY, "publishing too fast");
    }

    assertThat(lines.list)
        .extracting(ILoggingEvent::getLevel, ILoggingEvent::getFormattedMessage)
        .containsExactly(
            tuple(
                Level.WARN, "what is asked for is refused (overloaded): the store's queue is full"),
            tuple(Level.WARN, "what is asked for is refused (too_many): publishing too fast"));
    assertThat(count("overloaded")).isEqualTo(3);
  }

  @Test
  void what_a_peer_did_wrong_is_counted_and_not_told() {
    refused.count(ErrorKind.INVALID_ARGUMENT, "text: empty");
    refused.countAnswerNotRead();

    assertThat(lines.list).isEmpty();
    assertThat(count("invalid_argument")).isEqualTo(1);
    assertThat(count("answer_not_read")).isEqualTo(1);
  }

  private double count(String reason) {
    return meters.get("gochat.refused").tag("reason", reason).counter().count();
  }
}

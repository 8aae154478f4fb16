package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lettuce.core.RedisCommandExecutionException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class WritePathTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(WritePath.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final WritePath writes =
      new WritePath(meters, () -> CompletableFuture.completedFuture("+xadd"));

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(log);
  }

  @Test
  void missing_right_is_named_once() {
    RedisCommandExecutionException refused = new RedisCommandExecutionException(
        "ERR The user executing the script can't run this command or subcommand script: 6493");

    writes.failed(refused, 3);
    writes.failed(refused, 2);

    assertThat(log.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .endsWith("a right that is needed: +xadd");
    assertThat(writes.isOpen()).isFalse();
    assertThat(meters
            .get("gochat.store.refused")
            .tag("reason", "no_right")
            .counter()
            .count())
        .isEqualTo(5);
  }

  @Test
  void what_was_refused_is_forgotten_once_writes_are_taken() {
    writes.failed(new RedisCommandExecutionException("OOM command not allowed"), 1);
    assertThat(writes.isFull()).isTrue();

    writes.taken();

    assertThat(writes.isOpen()).isTrue();
    writes.failed(new RedisCommandExecutionException("OOM command not allowed"), 1);
    assertThat(log.list).as("said anew").hasSize(2);
  }
}

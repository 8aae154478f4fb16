package io.gochat.bench.hooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What webhooks cost, of two real servers; what comes out is not judged here. */
@Timeout(180)
class HooksCommandTest {
  @Test
  void each_figure_is_measured_and_judged() {
    StringWriter shown = new StringWriter();

    int status = Main.commandLine()
        .setOut(new PrintWriter(shown))
        .execute("load webhooks --pairs 1 --seconds 0.2 --events 500 --hang 0.5 --rooms 10"
            .split(" ", -1));

    assertThat(status).as(shown.toString()).isIn(0, 1);
    assertThat(shown.toString())
        .containsPattern("1 publishes under way:(?s:.*)goal at least 0.85: (reached|MISSED)")
        .containsPattern("64 publishes under way:(?s:.*)pair 1: publishes per CPU second")
        .containsPattern("events that waited: [0-9,]+ a second")
        .containsPattern("events a second to loopback: .*goal at least 5,000.00")
        .containsPattern("publish p99, hanging / without: .*goal at most 1.10");
  }
}

package io.gochat.bench.verify;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes down a history that did not pass, to be read beside the violations. Stateless. */
final class Evidence {
  private Evidence() {}

  /** One line per submission, log and life. */
  static void write(Path file, RunHistory history) throws IOException {
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8))) {
      history.submissions().forEach(out::println);
      history.logs().forEach((topic, log) -> {
        out.println("log of " + topic);
        log.forEach(entry -> out.println("  " + entry));
      });
      for (RunHistory.Subscription subscription : history.subscriptions()) {
        int number = 0;
        for (RunHistory.Life life : subscription.lives()) {
          out.println(subscription.receiver() + " of " + subscription.topic() + ", life " + number++
              + ", resumed after " + life.resumedAfter());
          life.events().forEach(event -> out.println("  " + event));
        }
      }
    }
  }
}

package io.gochat.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about those who are told what was said. Filled by picocli, then read once. */
final class WebhookFlags {
  @Option(
      names = "--webhooks",
      paramLabel = "FILE",
      description =
          "Servers that are told of messages by HTTP: a JSON array, see docs/webhooks.md. Read again when it"
              + " changes.")
  private @Nullable Path file;

  @Option(
      names = "--webhook-backlog",
      paramLabel = "SIZE",
      defaultValue = "1GB",
      converter = Quantity.OfBytes.class,
      description = "What may wait for one of them; beyond it the oldest events go.")
  private long backlog;

  @Option(
      names = "--offline-after",
      paramLabel = "TIME",
      defaultValue = "10s",
      converter = Quantity.OfTime.class,
      description =
          "A message in an inbox is undelivered (inbox.undelivered) when after this time it is not"
              + " acknowledged and its owner is not connected.")
  private Duration offlineAfter = Duration.ZERO;

  WebhookConfig config() {
    return new WebhookConfig(
        Optional.ofNullable(file),
        Check.atLeast("--webhook-backlog", backlog, 64 << 10),
        Check.atLeast("--offline-after", offlineAfter, Duration.ZERO));
  }
}

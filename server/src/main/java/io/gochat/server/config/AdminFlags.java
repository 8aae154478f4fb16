package io.gochat.server.config;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about administration. Filled by picocli, then read once. */
final class AdminFlags {
  @Option(
      names = "--backup-dir",
      paramLabel = "DIR",
      description =
          "Where the admin API puts backups of the running server. Without it there are none.")
  private @Nullable Path backupDir;

  AdminConfig config() {
    return new AdminConfig(Optional.ofNullable(backupDir));
  }
}

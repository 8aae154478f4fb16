package io.gochat.bench.crowd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What a server has printed, and what it should not have. Stateless. */
final class ServerLog {
  private static final Pattern TROUBLE = Pattern.compile(
      "\\bbugs?\\b|cannot reserve|OutOfMemory|failed to allocate|allocation failed|LEAK:",
      Pattern.CASE_INSENSITIVE);

  private ServerLog() {}

  /** The lines that speak of a bug, or of an allocation that failed. */
  static List<String> trouble(Path log) throws IOException {
    return new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> TROUBLE.matcher(line).find())
        .toList();
  }
}

package io.gochat.bench.crowd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What a server has printed, and what it should not have. Stateless. */
final class ServerLog {
  private static final Pattern TROUBLE = Pattern.compile(
      "\\bbugs?\\b|cannot reserve|OutOfMemory|failed to allocate|allocation failed|LEAK:",
      Pattern.CASE_INSENSITIVE);

  private ServerLog() {}

  /** The lines that speak of a bug, or of an allocation that failed, each with the line after it. */
  static List<String> trouble(Path log) throws IOException {
    List<String> lines =
        new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
    List<String> trouble = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (TROUBLE.matcher(lines.get(i)).find()) {
        // What was thrown stands in the next line.
        trouble.add(lines.get(i) + (i + 1 < lines.size() ? " | " + lines.get(i + 1) : ""));
      }
    }
    return trouble;
  }
}

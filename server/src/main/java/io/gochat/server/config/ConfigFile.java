package io.gochat.server.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --config} names: a flag a line, as on the command line, without its dashes, or as in the environment;
 * {@code #} begins a comment line. Immutable.
 */
final class ConfigFile {
  /** Of the variables that are flags. */
  static final String PREFIX = "GOCHAT_";

  static final ConfigFile NONE = new ConfigFile(null, Map.of());

  private static final long MOST_BYTES = 1 << 20;
  private static final Pattern LINE =
      Pattern.compile("(?:--)?([A-Za-z][A-Za-z0-9_-]*)(?:\\s*=\\s*|\\s+)(.*)");

  private final @Nullable Path file;
  private final Map<String, Entry> entries;

  private record Entry(String value, int line) {}

  private ConfigFile(@Nullable Path file, Map<String, Entry> entries) {
    this.file = file;
    this.entries = Map.copyOf(entries);
  }

  /**
   * Reads it; which flags there are is for others to know.
   *
   * @throws ConfigException when it cannot be read or understood, in a sentence with the line
   */
  static ConfigFile read(Path file) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    int number = 0;
    for (String text : lines(file)) {
      number++;
      String line = text.strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        add(file, number, line, entries);
      }
    }
    return new ConfigFile(file, entries);
  }

  private static void add(Path file, int number, String line, Map<String, Entry> entries) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw new ConfigException(
          where(file, number) + " is no flag with its value, such as port=8080.");
    }
    String flag = flag(matcher.group(1));
    if (flag.equals("--config")) {
      throw new ConfigException(where(file, number) + ": a file cannot name another one.");
    }
    Entry before = entries.putIfAbsent(flag, new Entry(matcher.group(2).strip(), number));
    if (before != null) {
      throw new ConfigException(
          where(file, number) + ": " + flag + " stands in line " + before.line + " already.");
    }
  }

  private static String flag(String name) {
    String word = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    return "--" + word.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static List<String> lines(Path file) {
    try {
      if (!Files.exists(file)) {
        throw new ConfigException("--config=" + file + " does not exist.");
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new ConfigException("--config=" + file + " is longer than 1MB.");
      }
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new ConfigException("--config=" + file + " is not UTF-8.");
    } catch (IOException e) {
      throw new ConfigException("--config=" + file + " cannot be read: " + e + ".");
    }
  }

  private static String where(Path file, int line) {
    return file + ", line " + line;
  }

  /** The value that stands there; null: none. */
  @Nullable
  String value(String flag) {
    Entry entry = entries.get(flag);
    return entry == null ? null : entry.value;
  }

  /** File and line of a flag that stands there. */
  String where(String flag) {
    Entry entry = entries.get(flag);
    return entry == null || file == null ? "" : where(file, entry.line);
  }

  /** What stands there. */
  Set<String> flags() {
    return entries.keySet();
  }
}

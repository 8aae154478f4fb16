package io.gochat.server.config;

import io.gochat.server.redis.RedisAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The flags that differ from their default, as they were written. Immutable.
 *
 * @param values by flag, in the order of their names; secrets are in them, so only {@link #describe} is for the log
 */
public record GivenFlags(Map<String, String> values) {
  /** What holds one itself; a file that holds one is only a name. */
  private static final Pattern SECRET = Pattern.compile(".*(token|password|secret)");

  public GivenFlags {
    values = new TreeMap<>(values);
  }

  /** In one line, for the log; secrets are masked. */
  public String describe() {
    return values.isEmpty() ? "all settings are the defaults" : describe(values.keySet());
  }

  /** These in one line, for the log; what is not among them has its default. */
  public String describe(Collection<String> flags) {
    return flags.stream().map(this::describe).collect(Collectors.joining(" "));
  }

  private String describe(String flag) {
    String value = values.get(flag);
    return flag + (value == null ? " (default)" : "=" + shown(flag, value));
  }

  private static String shown(String flag, String value) {
    if (SECRET.matcher(flag).matches()) {
      return "(set)";
    }
    try {
      return flag.equals("--redis") ? RedisAddress.parse(value).toString() : value;
    } catch (IllegalArgumentException e) {
      return "(set)";
    }
  }

  /** These, but for {@code flags}, which are as {@code other} has them. */
  public GivenFlags with(Collection<String> flags, GivenFlags other) {
    Map<String, String> merged = new TreeMap<>(values);
    for (String flag : flags) {
      String value = other.values.get(flag);
      if (value == null) {
        merged.remove(flag);
      } else {
        merged.put(flag, value);
      }
    }
    return new GivenFlags(merged);
  }

  /** The flags that are not what they were in {@code before}. */
  public List<String> changedSince(GivenFlags before) {
    TreeSet<String> flags = new TreeSet<>(values.keySet());
    flags.addAll(before.values.keySet());
    List<String> changed = new ArrayList<>(flags);
    changed.removeIf(flag -> Objects.equals(values.get(flag), before.values.get(flag)));
    return changed;
  }
}

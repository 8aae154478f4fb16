package io.gochat.server.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Settings as text for an operator, secrets left out. Stateless. */
final class Settings {
  /** What may hold one, whoever adds a setting of such a name. */
  private static final Pattern SECRET =
      Pattern.compile("(?i).*(token|password|secret|redis|key|uri).*");

  private Settings() {}

  /** Each setting by its path, {@code network.port}. */
  static Map<String, String> of(Record config) {
    Map<String, String> settings = new TreeMap<>();
    collect("", config, settings);
    return settings;
  }

  private static void collect(String prefix, Record config, Map<String, String> into) {
    for (RecordComponent component : config.getClass().getRecordComponents()) {
      String name = prefix + component.getName();
      Object value = value(component, config);
      if (value instanceof Optional<?> optional) {
        value = optional.isPresent() ? optional.get() : "";
      }
      if (value instanceof Record nested
          && nested.getClass().getPackage().equals(Settings.class.getPackage())) {
        collect(name + ".", nested, into);
      } else {
        String text = String.valueOf(value);
        into.put(name, SECRET.matcher(name).matches() && !text.isEmpty() ? "(set)" : text);
      }
    }
  }

  private static Object value(RecordComponent component, Record of) {
    try {
      component.getAccessor().setAccessible(true);
      Object value = component.getAccessor().invoke(of);
      return value == null ? "" : value;
    } catch (IllegalAccessException | InvocationTargetException e) {
      return "";
    }
  }
}

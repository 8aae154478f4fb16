package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.RefusedException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of one request. Filled by {@link StrictJson}, then only read; confined to the request. */
final class RequestFields {
  private final Map<Field, String> texts = new EnumMap<>(Field.class);
  private final Map<Field, Long> numbers = new EnumMap<>(Field.class);
  private final List<String> unknown = new ArrayList<>(0);
  private final Map<Field, List<String>> textLists = new EnumMap<>(Field.class);
  private final Map<Field, List<Long>> numberLists = new EnumMap<>(Field.class);

  void put(Field field, String text) {
    texts.put(field, text);
  }

  void put(Field field, long number) {
    numbers.put(field, number);
  }

  /** A field that nobody asked for was given: it is only told of where another is missing. */
  void unknown(String key) {
    if (unknown.size() < 3 && key.matches("[A-Za-z0-9_-]{1,32}")) {
      unknown.add(key);
    }
  }

  void add(Field field, String text) {
    textLists.computeIfAbsent(field, first -> new ArrayList<>()).add(text);
  }

  void add(Field field, long number) {
    numberLists.computeIfAbsent(field, first -> new ArrayList<>()).add(number);
  }

  /** The texts of an array; none when it was not given. */
  List<String> texts(Field field) {
    return textLists.getOrDefault(field, List.of());
  }

  /** The numbers of an array, 0 … 2^53-1 each; none when it was not given. */
  List<Long> numbers(Field field) {
    return numberLists.getOrDefault(field, List.of());
  }

  /** Whether the field was given, be it 0 or empty. */
  boolean has(Field field) {
    return texts.containsKey(field) || numbers.containsKey(field);
  }

  /** A text; empty when it was not given. */
  String text(Field field) {
    return texts.getOrDefault(field, "");
  }

  /** A text; null when it was not given. */
  @Nullable
  String textOrNull(Field field) {
    return texts.get(field);
  }

  /** An id, sequence or number, 0 … 2^53-1; 0 when it was not given. */
  long number(Field field) {
    return numbers.getOrDefault(field, 0L);
  }

  /** A flag; false when it was not given. */
  boolean flag(Field field) {
    return number(field) != 0;
  }

  /** Refuses when one of them was not given. */
  void require(Iterable<Field> fields) {
    for (Field field : fields) {
      if (!has(field)) {
        String instead = unknown.isEmpty() ? "" : "; not known here: " + String.join(", ", unknown);
        throw new RefusedException(ErrorKind.INVALID_ARGUMENT, field.key() + ": missing" + instead);
      }
    }
  }
}

package io.gochat.bench.common;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as plain maps, lists, strings, numbers and booleans: results are written once and read by people and scripts,
 * so a tree is enough. Stateless.
 */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** An object that keeps the order in which it is filled. */
  public static Map<String, @Nullable Object> object() {
    return new LinkedHashMap<>();
  }

  /** The tree as indented text; non-finite numbers become null. */
  public static String text(@Nullable Object tree) {
    return text(tree, true);
  }

  /** The tree on one line. */
  public static String line(@Nullable Object tree) {
    return text(tree, false);
  }

  /** Reads a document. */
  public static @Nullable Object read(String text) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      return value(parser);
    }
  }

  /** Reads a document that must be an object. */
  public static Map<String, @Nullable Object> readObject(String text) throws IOException {
    Object tree = read(text);
    if (!(tree instanceof Map)) {
      throw new IOException("not a JSON object: " + text);
    }
    return asObject(tree);
  }

  /** {@code tree} as an object; an empty one when it is something else. */
  @SuppressWarnings("unchecked")
  public static Map<String, @Nullable Object> asObject(@Nullable Object tree) {
    return tree instanceof Map ? (Map<String, @Nullable Object>) tree : object();
  }

  /** {@code tree} as a list; an empty one when it is something else. */
  @SuppressWarnings("unchecked")
  public static List<@Nullable Object> asList(@Nullable Object tree) {
    return tree instanceof List ? (List<@Nullable Object>) tree : List.of();
  }

  /** The number at a path of keys; NaN when there is none. */
  public static double number(Map<String, @Nullable Object> tree, String... path) {
    return at(tree, path) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** The value at a path of keys; null when there is none. */
  public static @Nullable Object at(Map<String, @Nullable Object> tree, String... path) {
    Object here = tree;
    for (String key : path) {
      here = asObject(here).get(key);
    }
    return here;
  }

  private static String text(@Nullable Object tree, boolean indented) {
    StringWriter out = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      if (indented) {
        generator.setPrettyPrinter(new DefaultPrettyPrinter());
      }
      write(generator, tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private static void write(JsonGenerator out, @Nullable Object value) throws IOException {
    if (value == null) {
      out.writeNull();
    } else if (value instanceof Map<?, ?> map) {
      out.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.writeFieldName(String.valueOf(entry.getKey()));
        write(out, entry.getValue());
      }
      out.writeEndObject();
    } else if (value instanceof Iterable<?> items) {
      out.writeStartArray();
      for (Object item : items) {
        write(out, item);
      }
      out.writeEndArray();
    } else if (value instanceof Double || value instanceof Float) {
      writeReal(out, ((Number) value).doubleValue());
    } else if (value instanceof Number number) {
      out.writeNumber(number.longValue());
    } else if (value instanceof Boolean flag) {
      out.writeBoolean(flag);
    } else {
      out.writeString(value.toString());
    }
  }

  private static void writeReal(JsonGenerator out, double value) throws IOException {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      out.writeNull();
    } else {
      // Six digits are more than any measurement here holds.
      out.writeNumber(new BigDecimal(value, new MathContext(6)).toString());
    }
  }

  private static @Nullable Object value(JsonParser in) throws IOException {
    JsonToken token = in.currentToken();
    if (token == null) {
      throw new IOException("an empty document");
    }
    return switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = object();
        while (in.nextToken() != JsonToken.END_OBJECT) {
          String name = in.currentName();
          in.nextToken();
          map.put(name, value(in));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(in));
        }
        yield list;
      }
      case VALUE_NUMBER_INT -> in.getLongValue();
      case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_STRING -> in.getText();
      default -> null;
    };
  }
}

package io.gochat.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.json.StrictFactory;
import io.gochat.server.json.StrictText;
import java.io.IOException;
import java.util.Map;

/**
 * Reads a request's JSON object: valid UTF-8, no duplicate key at any depth, nothing after the object, bounded depth
 * and length, no value taken for one of another type. Fields that nobody asked for are skipped, but must be JSON.
 * Thread-safe.
 */
final class StrictJson {
  private final JsonFactory factory;

  /** For texts of at most {@code maxBytes}. */
  StrictJson(int maxBytes) {
    factory = StrictFactory.of(maxBytes);
  }

  /**
   * The known fields of the object in the first {@code length} bytes.
   *
   * @throws RefusedException when it is not such an object, or a known field is of another type
   */
  RequestFields read(byte[] bytes, int length, Map<String, Field> known) {
    String problem = StrictText.problemIn(bytes, length);
    if (problem != null) {
      throw malformed(problem);
    }
    try (JsonParser parser = factory.createParser(bytes, 0, length)) {
      return readObject(parser, known);
    } catch (IOException e) {
      throw malformed(StrictFactory.problemOf(e));
    } catch (IllegalStateException e) {
      throw malformed("too many keys of one hash"); // how the parser's symbol table defends itself
    }
  }

  private static RequestFields readObject(JsonParser parser, Map<String, Field> known)
      throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw malformed("not an object");
    }
    RequestFields fields = new RequestFields();
    for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
      JsonToken value = parser.nextToken();
      Field field = known.get(key);
      if (field == null) {
        fields.unknown(key);
        parser.skipChildren();
      } else {
        readField(parser, value, field, fields);
      }
    }
    if (parser.nextToken() != null) {
      throw malformed("text after the object");
    }
    return fields;
  }

  private static void readField(
      JsonParser parser, JsonToken value, Field field, RequestFields fields) throws IOException {
    switch (field.type()) {
      case TEXT -> {
        expect(value == JsonToken.VALUE_STRING, field);
        fields.put(field, parser.getText());
      }
      case ID -> {
        expect(value == JsonToken.VALUE_NUMBER_INT, field);
        fields.put(field, readId(parser, field));
      }
      case IDS -> {
        expect(value == JsonToken.START_ARRAY, field);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          expect(parser.currentToken() == JsonToken.VALUE_NUMBER_INT, field);
          fields.add(field, readId(parser, field));
        }
      }
      case TEXTS -> {
        expect(value == JsonToken.START_ARRAY, field);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          expect(parser.currentToken() == JsonToken.VALUE_STRING, field);
          fields.add(field, parser.getText());
        }
      }
      case FLAG -> {
        expect(value.isBoolean(), field);
        fields.put(field, value == JsonToken.VALUE_TRUE ? 1 : 0);
      }
    }
  }

  private static long readId(JsonParser parser, Field field) throws IOException {
    if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      long id = parser.getLongValue();
      if (id >= 0 && id <= Limits.MAX_ID) {
        return id;
      }
    }
    throw new RefusedException(
        ErrorKind.INVALID_ARGUMENT, field.key() + ": not in 0 to " + Limits.MAX_ID);
  }

  private static void expect(boolean condition, Field field) {
    if (!condition) {
      throw new RefusedException(
          ErrorKind.INVALID_ARGUMENT, field.key() + ": not " + field.type().wanted());
    }
  }

  private static RefusedException malformed(String detail) {
    return new RefusedException(ErrorKind.MALFORMED_JSON, detail);
  }
}

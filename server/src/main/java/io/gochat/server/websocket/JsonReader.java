package io.gochat.server.websocket;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Limits;
import io.gochat.server.command.UnreadableException;
import io.gochat.server.json.StrictFactory;
import io.gochat.server.json.StrictText;
import java.io.IOException;

/**
 * Reads commands from JSON, strictly: one object, no duplicate key, nothing behind it, no value taken for one of another
 * type, one command. Members that the contract does not know are passed over. Thread-safe.
 */
final class JsonReader {
  private static final long MAX_UINT32 = 0xFFFF_FFFFL;

  private final JsonFactory factory;

  /** For texts of at most {@code maxBytes}. */
  JsonReader(int maxBytes) {
    factory = StrictFactory.of(maxBytes);
  }

  /** The command in {@code json}; what is wrong with it quotes nothing but names of the contract. */
  ClientFrame read(byte[] json) throws UnreadableException {
    String problem = StrictText.problemIn(json, json.length);
    if (problem != null) {
      throw unreadable(problem);
    }
    try (JsonParser parser = factory.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw unreadable("not an object");
      }
      ClientFrame.Builder frame = ClientFrame.newBuilder();
      readObject(parser, frame, "");
      if (parser.nextToken() != null) {
        throw unreadable("text after the object");
      }
      return frame.build();
    } catch (IOException e) {
      throw unreadable(StrictFactory.problemOf(e));
    } catch (IllegalStateException e) {
      throw unreadable("too many keys of one hash"); // how the parser's table defends itself
    }
  }

  private static void readObject(JsonParser parser, Message.Builder into, String path)
      throws IOException, UnreadableException {
    Descriptor type = into.getDescriptorForType();
    for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
      JsonToken value = parser.nextToken();
      FieldDescriptor field = type.findFieldByName(key);
      if (field == null) {
        parser.skipChildren();
      } else {
        readField(parser, value, field, into, path + key);
      }
    }
  }

  private static void readField(
      JsonParser parser, JsonToken value, FieldDescriptor field, Message.Builder into, String path)
      throws IOException, UnreadableException {
    if (field.isRepeated()) {
      expect(value == JsonToken.START_ARRAY, path, "an array");
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        into.addRepeatedField(field, readValue(parser, parser.currentToken(), field, into, path));
      }
      return;
    }
    Object read = readValue(parser, value, field, into, path);
    if (field.getContainingOneof() == null) {
      into.setField(field, read);
    } else if (!isAbsent(read)) {
      expect(!into.hasOneof(field.getContainingOneof()), path, "alone: another member excludes it");
      into.setField(field, read);
    }
  }

  /** An id of 0 is absent, so it excludes no other. */
  private static boolean isAbsent(Object value) {
    return value instanceof Long number && number == 0;
  }

  private static Object readValue(
      JsonParser parser, JsonToken value, FieldDescriptor field, Message.Builder into, String path)
      throws IOException, UnreadableException {
    return switch (field.getJavaType()) {
      case LONG -> readNumber(parser, value, Limits.MAX_ID, path);
      case INT -> (int) readNumber(parser, value, MAX_UINT32, path);
      case BOOLEAN -> {
        expect(value.isBoolean(), path, "true or false");
        yield value == JsonToken.VALUE_TRUE;
      }
      case STRING -> {
        expect(value == JsonToken.VALUE_STRING, path, "a string");
        yield parser.getText();
      }
      case MESSAGE -> {
        expect(value == JsonToken.START_OBJECT, path, "an object");
        Message.Builder builder = into.newBuilderForField(field);
        readObject(parser, builder, path + ".");
        yield builder.build();
      }
      case FLOAT, DOUBLE, BYTE_STRING, ENUM ->
        throw new IllegalStateException("no command has a " + field.getJavaType());
    };
  }

  private static long readNumber(JsonParser parser, JsonToken value, long most, String path)
      throws IOException, UnreadableException {
    boolean isInteger = value == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != NumberType.BIG_INTEGER
        && parser.getLongValue() >= 0
        && parser.getLongValue() <= most;
    expect(isInteger, path, "an integer from 0 to " + most);
    return parser.getLongValue();
  }

  private static void expect(boolean condition, String path, String wanted)
      throws UnreadableException {
    if (!condition) {
      throw unreadable(path + ": not " + wanted);
    }
  }

  private static UnreadableException unreadable(String detail) {
    return UnreadableException.passing("bad_json", detail);
  }
}

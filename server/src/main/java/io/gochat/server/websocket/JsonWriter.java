package io.gochat.server.websocket;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;

/**
 * Any message of the contract as JSON: names as in the proto, the member of a {@code oneof} that is set by its own name,
 * numbers as numbers, what has its default value absent. Stateless.
 */
final class JsonWriter {
  private JsonWriter() {}

  static void write(Message message, JsonOut out) {
    char before = '{';
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      out.raw(before);
      out.raw('"');
      out.raw(MessageJson.ascii(field.getKey().getName()));
      out.raw('"');
      out.raw(':');
      if (field.getKey().isRepeated()) {
        writeAll(field.getKey(), (List<?>) field.getValue(), out);
      } else {
        writeValue(field.getKey(), field.getValue(), out);
      }
      before = ',';
    }
    if (before == '{') {
      out.raw('{');
    }
    out.raw('}');
  }

  private static void writeAll(FieldDescriptor field, List<?> values, JsonOut out) {
    char before = '[';
    for (Object value : values) {
      out.raw(before);
      writeValue(field, value, out);
      before = ',';
    }
    out.raw(']');
  }

  private static void writeValue(FieldDescriptor field, Object value, JsonOut out) {
    JavaType type = field.getJavaType();
    switch (type) {
      case INT -> out.number(Integer.toUnsignedLong((Integer) value));
      case LONG -> out.number((Long) value);
      case BOOLEAN -> out.raw(MessageJson.ascii(value.toString()));
      case STRING -> out.text((String) value);
      case ENUM -> out.text(((EnumValueDescriptor) value).getName());
      case MESSAGE -> write((Message) value, out);
      case FLOAT, DOUBLE, BYTE_STRING ->
        throw new IllegalArgumentException("the contract has no " + type);
    }
  }
}

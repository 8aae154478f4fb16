package io.gochat.server.http;

import io.gochat.server.failure.RefusedException;
import java.util.Arrays;
import java.util.Map;

/** Whatever comes as the body of a request: read, or refused. Stateless. */
public final class JsonFuzz {
  private static final Map<String, Field> KNOWN = Map.of(
      "msg", Field.MSG, "room_id", Field.ROOM_ID, "inbox", Field.INBOX, "token", Field.TOKEN);
  private static final StrictJson JSON = new StrictJson(65_536);

  private JsonFuzz() {}

  /** Called by the fuzzer, and by the test that plays what it once found. */
  public static void fuzzerTestOneInput(byte[] data) {
    String first = outcome(data, data.length);
    byte[] longer = Arrays.copyOf(data, data.length + 1);
    longer[data.length] = '}'; // what lies behind the body is not looked at
    if (!first.equals(outcome(longer, data.length))) {
      throw new AssertionError("what lies behind the body counts");
    }
  }

  private static String outcome(byte[] bytes, int length) {
    try {
      RequestFields body = JSON.read(bytes, length, KNOWN);
      StringBuilder read = new StringBuilder();
      for (Field field : KNOWN.values().stream().sorted().toList()) {
        read.append(field).append(body.has(field));
      }
      return read.toString();
    } catch (RefusedException e) {
      return e.kind().toString();
    }
  }
}

package io.gochat.server.websocket;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.ClientFrame;
import io.gochat.server.command.UnreadableException;

/** Whatever comes as a command in JSON: refused, or a command that the other formats can say too. Stateless. */
public final class JsonCommandFuzz {
  private static final JsonReader READER = new JsonReader(65_536);

  private JsonCommandFuzz() {}

  /** Called by the fuzzer, and by the test that plays what it once found. */
  public static void fuzzerTestOneInput(byte[] data) throws InvalidProtocolBufferException {
    try {
      ClientFrame frame = READER.read(data);
      if (!ClientFrame.parseFrom(frame.toByteArray()).equals(frame)) {
        throw new AssertionError("it is another command in protobuf: " + frame);
      }
    } catch (UnreadableException e) {
      // Refused with a sentence.
    }
  }
}

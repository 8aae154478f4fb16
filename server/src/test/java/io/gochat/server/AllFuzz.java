package io.gochat.server;

import io.gochat.server.frame.FrameFuzz;
import io.gochat.server.http.HttpFuzz;
import io.gochat.server.http.JsonFuzz;
import io.gochat.server.net.SnifferFuzz;
import io.gochat.server.websocket.JsonCommandFuzz;
import io.gochat.server.websocket.WebSocketFuzz;
import java.util.Arrays;

/** All parsers in one fuzzer, for a moment: the first byte says which. Stateless. */
public final class AllFuzz {
  private AllFuzz() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] data) throws Exception {
    if (data.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(data, 1, data.length);
    switch (data[0] & 0x07) {
      case 0 -> SnifferFuzz.fuzzerTestOneInput(rest);
      case 1 -> FrameFuzz.fuzzerTestOneInput(rest);
      case 2 -> HttpFuzz.fuzzerTestOneInput(rest);
      case 3 -> JsonFuzz.fuzzerTestOneInput(rest);
      case 4 -> WebSocketFuzz.fuzzerTestOneInput(rest);
      case 5 -> JsonCommandFuzz.fuzzerTestOneInput(rest);
      default -> {
        // No parser: the fuzzer learns to leave these out.
      }
    }
  }
}

package io.gochat.server.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.ShippedServer;
import io.gochat.server.clock.ManualClock;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a WebSocket ends, on a server whose clock stands still: no deadline ends it. */
class WebSocketGoodbyeTest {
  private static final int FIN = 0x80;

  @TempDir
  Path directory;

  @Test
  void a_close_that_came_behind_what_was_wrong_ends_the_connection() throws Exception {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    byte[] beforeHello = "{\"ping\":{}}".getBytes(StandardCharsets.UTF_8);
    sent.writeBytes(RawWebSocket.bytes(FIN | Opcode.TEXT, true, beforeHello));
    sent.writeBytes(RawWebSocket.bytes(FIN | Opcode.CLOSE, true, (byte) 0x03, (byte) 0xE8));

    try (ShippedServer server =
            new ShippedServer.Setup().clock(ManualClock.fromNow().guarded()).start(directory);
        RawWebSocket webSocket = RawWebSocket.open(server.port(), "")) {
      webSocket.sendBytes(sent.toByteArray());

      assertThat(webSocket.goodbye().closeCode()).isEqualTo(4506);
      assertThat(webSocket.next()).isNull();
    }
  }
}

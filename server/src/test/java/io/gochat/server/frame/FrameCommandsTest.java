package io.gochat.server.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.Ping;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.ServerFrame.EventCase;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for commands of every kind; one server for all tests, users and rooms for each. */
@SuppressWarnings("NullAway.Init")
class FrameCommandsTest {
  @TempDir
  static Path directory;

  @AutoClose
  private static FrameServer server;

  @BeforeAll
  static void start() throws Exception {
    server = new FrameServer(directory);
  }

  @Test
  void ping_is_answered_with_and_without_a_request_id() {
    try (FrameTestClient client = server.connect(server.user())) {
      ServerFrame pong = client.call(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()));
      assertThat(pong.getEventCase()).isEqualTo(EventCase.PONG);

      client.send(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()).build());
      assertThat(client.push().hasPong()).isTrue();
    }
  }

  @Test
  void an_unset_command_is_unknown_and_the_connection_stays() {
    try (FrameTestClient client = server.connect(server.user())) {
      assertThat(code(client.call(ClientFrame.newBuilder()))).isEqualTo(ErrorCode.UNKNOWN_COMMAND);
      client.expectNothing();
    }
  }

  @Test
  void a_command_of_the_future_is_unknown_and_the_connection_stays() {
    try (FrameTestClient client = server.connect(server.user())) {
      // request_id 5, then field 99, length-delimited, empty.
      client.sendBytes(new byte[] {1, 0, 0, 5, 0x08, 0x05, (byte) 0x9A, 0x06, 0x00});

      assertThat(code(client.answer(5))).isEqualTo(ErrorCode.UNKNOWN_COMMAND);
      client.expectNothing();
    }
  }

  @Test
  void unknown_fields_are_ignored() {
    try (FrameTestClient client = server.connect(server.user())) {
      // ping {}, then field 99, varint.
      client.sendBytes(new byte[] {1, 0, 0, 7, 0x08, 0x09, 0x4A, 0x00, (byte) 0x98, 0x06, 0x01});

      assertThat(client.answer(9).hasPong()).isTrue();
    }
  }

  private static ErrorCode code(ServerFrame frame) {
    return frame.getError().getCode();
  }
}

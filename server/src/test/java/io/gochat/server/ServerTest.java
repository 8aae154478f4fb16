package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.config.ServerFlags;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServerTest {
  @TempDir
  private Path directory;

  @Test
  void it_listens_when_start_returns_and_no_more_when_close_returns() throws Exception {
    int port;
    try (Server server = start("--data-dir=" + directory)) {
      port = server.port();
      assertThat(port).isPositive();
      connect(port).close();
    }

    assertThatThrownBy(() -> connect(port)).isInstanceOf(IOException.class);
  }

  @Test
  void it_starts_again_on_the_directory_that_it_gave_back() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (Server server = start("--data-dir=" + directory)) {
        connect(server.port()).close();
      }
    }
  }

  @Test
  void an_open_connection_does_not_keep_it_from_stopping() throws Exception {
    Server server = start("--data-dir=" + directory);
    try (Socket silent = connect(server.port())) {
      long before = System.nanoTime();

      server.close();

      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
      assertThat(hasEnded(silent)).isTrue();
    }
  }

  @Test
  void a_directory_in_use_is_refused_with_a_sentence() throws Exception {
    try (Server server = start("--data-dir=" + directory)) {
      assertThat(server.port()).isPositive();

      assertThatThrownBy(() -> start("--data-dir=" + directory))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("in use")
          .hasMessageContaining(directory.toString());
    }
  }

  @Test
  void a_directory_that_is_a_file_is_refused_with_a_sentence() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "x");

    assertThatThrownBy(() -> start("--data-dir=" + file))
        .isInstanceOf(StartException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void a_port_in_use_is_refused_and_the_directory_given_back() throws Exception {
    try (Server server = start("--data-dir=" + directory.resolve("a"))) {
      String port = "--port=" + server.port();

      assertThatThrownBy(() -> Server.start(
              ServerFlags.parse("--host=127.0.0.1", port, "--data-dir=" + directory.resolve("b"))))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + server.port());
    }
    start("--data-dir=" + directory.resolve("b")).close();
  }

  private static Server start(String flag) throws StartException {
    return Server.start(
        ServerFlags.parse("--host=127.0.0.1", "--port=0", "--min-free-disk=0", flag));
  }

  private static boolean hasEnded(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() == -1;
    } catch (SocketException e) {
      return true; // it had not been taken out of the backlog yet
    }
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    return socket;
  }
}

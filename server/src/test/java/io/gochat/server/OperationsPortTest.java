package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.config.ConfigException;
import io.gochat.server.config.ServerFlags;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operators' own port: what is on it, what is not on the other, and that a crowd of users does not reach it. */
@Timeout(60)
class OperationsPortTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir
  private Path directory;

  @Test
  void without_it_the_endpoints_of_operations_are_on_the_port() throws Exception {
    try (Server server = start()) {
      for (String path : List.of("/healthz", "/livez", "/readyz", "/metrics")) {
        assertThat(status(server.port(), path)).as(path).isEqualTo(200);
      }
      assertThat(server.operationsPort()).isZero();
    }
  }

  @Test
  void with_it_they_are_there_alone_and_nothing_else_is() throws Exception {
    try (Server server = start("--operations-address=127.0.0.1:0")) {
      for (String path : List.of("/healthz", "/livez", "/readyz", "/metrics")) {
        assertThat(status(server.operationsPort(), path)).as(path).isEqualTo(200);
        assertThat(status(server.port(), path)).as(path).isEqualTo(404);
      }
      assertThat(login(server.port())).isEqualTo(401);
      assertThat(login(server.operationsPort())).isEqualTo(404);
    }
  }

  @Test
  void it_needs_no_tls_where_the_port_does() throws Exception {
    try (Server server = start("--operations-address=127.0.0.1:0", "--plaintext=loopback")) {
      HttpRequest request = request(server.operationsPort(), "/readyz")
          .header("X-Forwarded-For", "203.0.113.7")
          .build();

      assertThat(HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void it_answers_when_the_port_is_full() throws Exception {
    try (Server server = start("--operations-address=127.0.0.1:0", "--max-connections=2")) {
      List<Socket> crowd = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        crowd.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
      }

      assertThat(status(server.operationsPort(), "/livez")).isEqualTo(200);
      for (Socket socket : crowd) {
        socket.close();
      }
    }
  }

  @Test
  void with_it_no_connection_of_the_port_is_kept_for_health_checks_that_it_does_not_answer()
      throws Exception {
    try (Server server = start("--operations-address=127.0.0.1:0", "--max-connections=16")) {
      List<Socket> crowd = new ArrayList<>();
      for (int i = 0; i < 15; i++) {
        crowd.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
      }

      assertThat(login(server.port())).isEqualTo(401);
      for (Socket socket : crowd) {
        socket.close();
      }
    }
  }

  @Test
  void a_metrics_token_counts_there_for_who_comes_through_a_proxy() throws Exception {
    try (Server server = start("--operations-address=127.0.0.1:0", "--metrics-token=s3cret")) {
      HttpRequest.Builder request =
          request(server.operationsPort(), "/metrics").header("X-Forwarded-For", "203.0.113.7");

      assertThat(status(request)).isEqualTo(401);
      assertThat(status(request.header("Authorization", "Bearer s3cret"))).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"9090", ":9090", "localhost", "localhost:", "localhost:x", "::1:9090", "a:99999"})
  void what_is_no_address_is_refused(String address) {
    assertThatThrownBy(() -> ServerFlags.parse("--operations-address=" + address))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("--operations-address must be ");
  }

  @Test
  void a_port_in_use_is_refused_with_its_flag() throws Exception {
    try (Server server = start()) {
      assertThatThrownBy(() -> start("--operations-address=127.0.0.1:" + server.port()))
          .isInstanceOf(StartException.class)
          .hasMessageEndingWith("Give another --operations-address.");
    }
  }

  private Server start(String... more) throws Exception {
    List<String> flags = new ArrayList<>(List.of(
        "--host=127.0.0.1",
        "--port=0",
        "--min-free-disk=0",
        "--data-dir=" + directory.resolve(Integer.toString(more.length))));
    flags.addAll(List.of(more));
    return Server.start(ServerFlags.parse(flags.toArray(String[]::new)));
  }

  private static HttpRequest.Builder request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(30));
  }

  private static int status(int port, String path) throws Exception {
    return status(request(port, path));
  }

  private static int status(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static int login(int port) throws Exception {
    return status(request(port, "/user/login")
        .POST(HttpRequest.BodyPublishers.ofString("{\"username\":\"no\",\"password\":\"one\"}")));
  }
}

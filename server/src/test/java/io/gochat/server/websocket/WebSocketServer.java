package io.gochat.server.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.Server;
import io.gochat.server.config.ServerFlags;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server that ships, on a directory of its own, and users in it. */
final class WebSocketServer implements AutoCloseable {
  private static final Pattern TOKEN =
      Pattern.compile("\"user_id\":(\\d+).*\"token\":\"([^\"]+)\"");

  private final Server server;
  private final AtomicInteger names = new AtomicInteger();

  /** A user who is signed in. */
  record User(long id, String name, String token) {
    String hello() {
      return "{\"request_id\":1,\"hello\":{\"token\":\"" + token + "\"}}";
    }
  }

  WebSocketServer(Path directory, String... flags) throws Exception {
    List<String> all = new ArrayList<>(List.of(
        "--host=127.0.0.1",
        "--port=0",
        "--bcrypt-cost=4",
        "--min-free-disk=0",
        "--data-dir=" + directory));
    all.addAll(List.of(flags));
    server = Server.start(ServerFlags.parse(all.toArray(String[]::new)));
  }

  int port() {
    return server.port();
  }

  URI uri() {
    return URI.create("ws://127.0.0.1:" + port() + "/ws");
  }

  /** Somebody new. */
  User user() throws IOException, InterruptedException {
    return user("user" + names.incrementAndGet());
  }

  User user(String name) throws IOException, InterruptedException {
    String body = "{\"username\":\"" + name + "\",\"password\":\"secret\"}";
    post("/user/register", body);
    Matcher answer = TOKEN.matcher(post("/user/login", body));
    assertThat(answer.find()).isTrue();
    return new User(Long.parseLong(answer.group(1)), name, answer.group(2));
  }

  String post(String path, String body) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** Upgraded and signed in, in JSON. */
  RawWebSocket open(User user) {
    RawWebSocket webSocket = RawWebSocket.open(port(), "");
    webSocket.text(user.hello());
    assertThat(webSocket.nextText()).startsWith("{\"request_id\":1,\"welcome\":");
    return webSocket;
  }

  @Override
  public void close() {
    server.close();
  }
}

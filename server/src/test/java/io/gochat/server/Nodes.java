package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gochat.protocol.Hello;
import io.gochat.server.config.ServerFlags;
import io.gochat.server.contract.OpenApiContract;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.redis.RedisProcess;
import io.gochat.testing.TestResources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Real servers in this process, on a Redis of their own or on a directory. Belongs to one test thread. */
final class Nodes implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final TestResources opened = new TestResources();

  /** A signed-in user. */
  record User(long id, String token) {}

  /** An answer over HTTP: the fields of its body as text. */
  record Answer(int status, String errorCode, Map<String, String> fields) {
    long number(String field) {
      return Long.parseLong(fields.getOrDefault(field, "0"));
    }
  }

  RedisProcess redis(String... settings) {
    return opened.add(RedisProcess.start(settings));
  }

  /** A node on Redis. */
  Server start(RedisProcess redis, String nodeId, String... flags) throws StartException {
    return start(with(flags, "--redis=" + redis.uri(), "--node-id=" + nodeId));
  }

  /** Which store a test runs on. */
  enum On {
    /** A server alone, with a data directory. */
    DIRECTORY,
    /** Two nodes that share a Redis. */
    REDIS
  }

  /** The servers of a store, near and far; alone, it is both. */
  List<Server> start(On store, Path dataDirectory, String... flags) throws StartException {
    if (store == On.DIRECTORY) {
      return List.of(start(with(flags, "--data-dir=" + dataDirectory)));
    }
    RedisProcess redis = redis();
    return List.of(start(redis, "near", flags), start(redis, "far", flags));
  }

  /** A server with quick passwords and without limits on who comes. */
  Server start(String... flags) throws StartException {
    return opened.add(Server.start(ServerFlags.parse(with(
        flags,
        "--host=127.0.0.1",
        "--port=0",
        "--min-free-disk=0",
        "--bcrypt-cost=4",
        "--logins-per-minute=0",
        "--login-failures-per-minute=0",
        "--registrations-per-minute=0"))));
  }

  private static String[] with(String[] flags, String... more) {
    String[] all = Arrays.copyOf(flags, flags.length + more.length);
    System.arraycopy(more, 0, all, flags.length, more.length);
    return all;
  }

  /** Registers and logs in. */
  User signIn(Server node, String name) {
    register(node, name);
    return logIn(node, name);
  }

  /** Registers. */
  Answer register(Server node, String name) {
    return post(node, "/user/register", login(name));
  }

  /** Logs out. */
  Answer logout(Server node, User user) {
    return post(node, "/user/logout", "{\"token\":\"" + user.token + "\"}");
  }

  /** The epoch in force, as this node says. */
  long epoch(Server node, User asking) {
    return post(
            node,
            "/push/history",
            "{\"token\":\"%s\",\"room_id\":%d,\"after_seq\":0,\"limit\":1}"
                .formatted(asking.token, 4_711))
        .number("epoch");
  }

  /** How many are in the room, as this node says. */
  long count(Server node, User asking, long room) {
    return post(
            node, "/push/count", "{\"token\":\"%s\",\"room_id\":%d}".formatted(asking.token, room))
        .number("count");
  }

  /** Tries to log in. */
  Answer logInAttempt(Server node, String name) {
    return post(node, "/user/login", login(name));
  }

  /** Logs in. */
  User logIn(Server node, String name) {
    Answer answer = logInAttempt(node, name);
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    return new User(answer.number("user_id"), answer.fields.getOrDefault("token", ""));
  }

  private static String login(String name) {
    return "{\"username\":\"%s\",\"password\":\"pw-%s\"}".formatted(name, name);
  }

  /** A push to a room. */
  Answer pushRoom(Server node, User from, long room, String text, String clientMessageId) {
    return post(
        node, "/push/pushRoom", """
        {"msg":"%s","room_id":%d,"token":"%s",%s
         "to_user_id":0,"to_user_name":"","from_user_id":0,"from_user_name":""}
        """.formatted(text, room, from.token, keyed(clientMessageId)));
  }

  /** A push to a user. */
  Answer push(Server node, User from, long to, String text, String clientMessageId) {
    return post(node, "/push/push", """
        {"msg":"%s","to_user_id":%d,"token":"%s",%s
         "to_user_name":"","from_user_id":0,"from_user_name":"","room_id":0}
        """.formatted(text, to, from.token, keyed(clientMessageId)));
  }

  private static String keyed(String clientMessageId) {
    return clientMessageId.isEmpty()
        ? ""
        : "\"client_message_id\":\"%s\",".formatted(clientMessageId);
  }

  /** One request. */
  Answer post(Server node, String path, String body) {
    HttpResponse<String> response = send(node, path, body);
    try {
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("X-Error-Code").orElse(""),
          scalars(response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The body of the answer as it is. */
  String text(Server node, String path, String body) {
    return send(node, path, body).body();
  }

  private HttpResponse<String> send(Server node, String path, String body) {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + node.port() + path))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      OpenApiContract.check(
          "POST",
          path,
          answer.statusCode(),
          answer.headers().firstValue("Content-Type").orElse(""),
          answer.body());
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The status of a GET. */
  int get(Server node, String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port() + path))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> scalars(String body) throws IOException {
    Map<String, String> fields = new TreeMap<>();
    try (JsonParser json = new JsonFactory().createParser(body)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token.isScalarValue()) {
          fields.put(String.valueOf(json.currentName()), json.getText());
        }
      }
    }
    return fields;
  }

  /** A connection that has not said anything yet. */
  FrameTestClient connect(Server node) {
    return opened.add(FrameTestClient.connect(node.port()));
  }

  /** A connection of this device. */
  FrameTestClient connect(Server node, User user, String device) {
    FrameTestClient client = connect(node);
    client.hello(Hello.newBuilder().setToken(user.token).setDeviceId(device));
    return client;
  }

  @Override
  public void close() {
    opened.close();
  }
}

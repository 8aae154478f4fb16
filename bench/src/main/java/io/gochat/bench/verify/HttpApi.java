package io.gochat.bench.verify;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The HTTP JSON API of a server, as a stranger would call it: nothing of ours but the document. Thread-safe. */
final class HttpApi {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final HttpClient client = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(TIMEOUT)
      .build();
  private final URI base;

  HttpApi(URI base) {
    this.base = base;
  }

  static HttpApi of(InetSocketAddress address) {
    return new HttpApi(URI.create("http://" + address.getHostString() + ":" + address.getPort()));
  }

  /**
   * An answer. Immutable.
   *
   * @param status the HTTP status
   * @param errorCode the header {@code X-Error-Code}; empty on success
   * @param body the fields of the JSON body
   */
  record Answer(int status, String errorCode, Map<String, Object> body) {
    long number(String field) {
      return body.get(field) instanceof Long number ? number : 0;
    }

    String text(String field) {
      return body.get(field) instanceof String text ? text : "";
    }

    boolean isTrue(String field) {
      return Boolean.TRUE.equals(body.get(field));
    }

    List<Map<String, Object>> objects(String field) {
      List<Map<String, Object>> objects = new ArrayList<>();
      if (body.get(field) instanceof List<?> list) {
        for (Object element : list) {
          if (element instanceof Map<?, ?> map) {
            Map<String, Object> object = new LinkedHashMap<>();
            map.forEach((name, value) -> object.put(String.valueOf(name), value));
            objects.add(object);
          }
        }
      }
      return objects;
    }
  }

  /** Sends one request; an {@link IOException} leaves the outcome open. */
  Answer post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(base.resolve(path))
        .timeout(TIMEOUT)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(Json.write(body, false), StandardCharsets.UTF_8))
        .build();
    HttpResponse<String> response =
        client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    String errorCode = response.headers().firstValue("X-Error-Code").orElse("");
    return new Answer(response.statusCode(), errorCode, Json.read(response.body()));
  }

  /** Registers the user if it is new, and logs in. */
  User signIn(String name, String password) throws IOException, InterruptedException {
    Map<String, String> credentials = Map.of("username", name, "password", password);
    Answer login = post("/user/login", credentials);
    if (login.status() != 200) {
      Answer registered = post("/user/register", credentials);
      if (registered.status() != 200) {
        throw new IOException("cannot register " + name + ": " + registered);
      }
      login = post("/user/login", credentials);
    }
    if (login.status() != 200) {
      throw new IOException(
          "cannot log in " + name + ": HTTP " + login.status() + " " + login.errorCode());
    }
    return new User(login.number("user_id"), name, login.text("token"));
  }

  /** A signed-in user. Immutable; its token is never printed. */
  record User(long id, String name, String token) {
    @Override
    public String toString() {
      return name + "#" + id;
    }
  }

  /** The whole log of a topic, as {@code reader} may see it. */
  List<History.Entry> log(Target topic, User reader) throws IOException, InterruptedException {
    List<History.Entry> entries = new ArrayList<>();
    long after = 0;
    while (true) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("token", reader.token());
      body.put("after_seq", after);
      body.put("limit", 100);
      body.put(topic.isRoom() ? "room_id" : "inbox", topic.isRoom() ? (Object) topic.id() : true);
      Answer page = post("/push/history", body);
      if (page.status() != 200) {
        throw new IOException(
            "cannot read the log of " + topic + ": HTTP " + page.status() + " " + page.errorCode());
      }
      for (Map<String, Object> message : page.objects("messages")) {
        entries.add(entry(message));
        after = entries.get(entries.size() - 1).seq();
      }
      if (after >= page.number("last_seq") || page.objects("messages").isEmpty()) {
        return entries;
      }
    }
  }

  private static History.Entry entry(Map<String, Object> message) {
    Object text = message.getOrDefault("text", message.get("msg"));
    return new History.Entry(
        message.get("seq") instanceof Long seq ? seq : 0,
        message.get("message_id") instanceof Long id ? id : 0,
        Target.valueOf(String.valueOf(text)));
  }
}

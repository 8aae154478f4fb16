package io.gochat.bench.api;

import io.gochat.bench.common.Json;
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
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The HTTP JSON API of a server, as a stranger would call it: nothing of ours but the document. Thread-safe. */
public final class HttpApi {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient client;
  private final URI base;
  private final Duration timeout;

  /** The API of the server at {@code base}. */
  public HttpApi(URI base) {
    this(base, Optional.empty());
  }

  /** The same, with a context of its own for https. */
  public HttpApi(URI base, Optional<SSLContext> tls) {
    this(base, TIMEOUT, tls);
  }

  private HttpApi(URI base, Duration timeout, Optional<SSLContext> tls) {
    this.base = base;
    this.timeout = timeout;
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout);
    tls.ifPresent(builder::sslContext);
    this.client = builder.build();
  }

  /** The same, for whoever sets something up and would rather wait than fail. */
  public static HttpApi patient(InetSocketAddress address) {
    return new HttpApi(of(address).base, PATIENCE, Optional.empty());
  }

  /** The API of the server at this address, without TLS. */
  public static HttpApi of(InetSocketAddress address) {
    return new HttpApi(URI.create("http://" + address.getHostString() + ":" + address.getPort()));
  }

  /**
   * An answer. Immutable.
   *
   * @param status the HTTP status
   * @param errorCode the header {@code X-Error-Code}; empty on success
   * @param body the fields of the JSON body
   */
  public record Answer(int status, String errorCode, Map<String, @Nullable Object> body) {
    /** An integer; 0 when it is missing. */
    public long number(String field) {
      return body.get(field) instanceof Long number ? number : 0;
    }

    /** A string; empty when it is missing. */
    public String text(String field) {
      return body.get(field) instanceof String text ? text : "";
    }

    /** Whether the field is there and true. */
    public boolean isTrue(String field) {
      return Boolean.TRUE.equals(body.get(field));
    }

    /** A list of objects; empty when it is missing. */
    public List<Map<String, @Nullable Object>> objects(String field) {
      List<Map<String, @Nullable Object>> objects = new ArrayList<>();
      if (body.get(field) instanceof List<?> list) {
        for (Object element : list) {
          if (element instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            map.forEach((name, value) -> object.put(String.valueOf(name), value));
            objects.add(object);
          }
        }
      }
      return objects;
    }
  }

  /** Sends one request; an {@link IOException} leaves the outcome open. */
  public Answer post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(base.resolve(path))
        .timeout(timeout)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(Json.line(body), StandardCharsets.UTF_8))
        .build();
    HttpResponse<String> response =
        client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    String errorCode = response.headers().firstValue("X-Error-Code").orElse("");
    return new Answer(response.statusCode(), errorCode, Json.readObject(response.body()));
  }

  /** Registers the user if it is new, and logs in. */
  public User signIn(String name, String password) throws IOException, InterruptedException {
    Answer registered = post("/user/register", Map.of("username", name, "password", password));
    if (registered.status() != 200 && !registered.errorCode().equals("name_taken")) {
      throw failure("cannot register " + name, registered);
    }
    return logIn(name, password);
  }

  /** Logs in. */
  public User logIn(String name, String password) throws IOException, InterruptedException {
    Answer login = post("/user/login", Map.of("username", name, "password", password));
    if (login.status() != 200) {
      throw failure("cannot log in as " + name, login);
    }
    return new User(login.number("user_id"), login.text("username"), login.text("token"));
  }

  private static IOException failure(String what, Answer answer) {
    return new IOException(what + ": " + answer.text("error") + " (HTTP " + answer.status() + ")");
  }

  /** A signed-in user. Immutable; its token is never printed. */
  public record User(long id, String name, String token) {
    @Override
    public String toString() {
      return name + "#" + id;
    }
  }
}

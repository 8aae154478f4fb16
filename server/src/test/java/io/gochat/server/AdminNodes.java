package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gochat.server.Nodes.On;
import io.gochat.server.admin.AuditLog;
import io.gochat.server.contract.OpenApiContract;
import io.gochat.server.identity.ApiKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** Servers with API keys, and ways to administer them; on Redis the far one is another than the near. Belongs to one test thread. */
final class AdminNodes implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Path directory;
  final Nodes nodes = new Nodes();
  /** What the audit log says. */
  final ListAppender<ILoggingEvent> audit = new ListAppender<>();

  private List<Server> servers = List.of();

  AdminNodes(Path directory) {
    this.directory = directory;
    audit.start();
    Logger logger = (Logger) LoggerFactory.getLogger(AuditLog.NAME);
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(audit);
  }

  @Override
  public void close() {
    ((Logger) LoggerFactory.getLogger(AuditLog.NAME)).detachAppender(audit);
    nodes.close();
  }

  /** Starts them with keys of three kinds: {@code k-pub}, {@code k-read}, {@code k-admin}. */
  void start(On store, String... flags) throws Exception {
    Path keys = Files.writeString(directory.resolve("keys"), """
        Billing publish %s
        monitor read %s # looks only
        root admin %s
        """.formatted(
            ApiKey.hash("k-pub"), ApiKey.hash("k-read"), ApiKey.hash("k-admin")));
    String[] all = new String[flags.length + 1];
    System.arraycopy(flags, 0, all, 1, flags.length);
    all[0] = "--api-keys=" + keys;
    servers = nodes.start(store, directory.resolve("data"), all);
  }

  Server near() {
    return servers.get(0);
  }

  Server far() {
    return servers.get(servers.size() - 1);
  }

  HttpResponse<String> call(String key, String method, String path, String body) {
    return call(near(), key, method, path, body);
  }

  private static HttpResponse<String> call(
      Server server, String key, String method, String path, String body) {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.port() + "/admin/v1/" + path))
        .header("Authorization", "Bearer " + key)
        .method(method, HttpRequest.BodyPublishers.ofString(body))
        .build();
    try {
      HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      OpenApiContract.check(
          method,
          "/admin/v1/" + path,
          answer.statusCode(),
          answer.headers().firstValue("Content-Type").orElse(""),
          answer.body());
      return answer;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static void assertRefused(HttpResponse<String> answer, int status, String word) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("X-Error-Code")).contains(word);
    assertThat(answer.body()).startsWith("{\"code\":400,\"error\":");
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  /** The exit status, and what was printed. */
  String terminal(String key, String... action) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      String[] all = new String[action.length + 3];
      all[0] = "admin";
      all[1] = "--url=http://127.0.0.1:" + near().port();
      all[2] = "--api-key=" + key;
      System.arraycopy(action, 0, all, 3, action.length);
      return Main.run(all, Map.of()) + " " + out.toString(StandardCharsets.UTF_8);
    } finally {
      System.setOut(before);
    }
  }
}

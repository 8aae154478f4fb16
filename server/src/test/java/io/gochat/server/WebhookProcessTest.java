package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.webhook.ReceivingEndpoint;
import io.gochat.server.webhook.ReceivingEndpoint.Answer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks of a server that is killed. */
@Timeout(120)
class WebhookProcessTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir
  Path directory;

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void killWhatIsLeft() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void after_sigkill_everything_that_was_accepted_is_told_in_order() throws Exception {
    try (ReceivingEndpoint endpoint = ReceivingEndpoint.start()) {
      Files.writeString(
          directory.resolve("hooks"), "[" + endpoint.asJson("crm", "message.published") + "]");
      AtomicInteger requests = new AtomicInteger();
      endpoint.behave(request -> Answer.status(requests.incrementAndGet() % 20 == 0 ? 500 : 200));
      int port = start();
      String token = signIn(port);
      for (int i = 1; i <= 50; i++) {
        assertThat(push(port, token, i)).isEqualTo(200);
      }

      processes.get(0).destroyForcibly().waitFor();
      int again = start();
      for (int i = 51; i <= 60; i++) {
        assertThat(push(again, token, i)).isEqualTo(200);
      }

      List<String> all = IntStream.rangeClosed(1, 60).mapToObj(i -> "m" + i).toList();
      endpoint.behave(request -> Answer.status(200));
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(endpoint.messages()).containsExactlyElementsOf(all));
      assertThat(endpoint.received.stream().map(got -> got.id() + got.message()).distinct())
          .hasSize(60);
    }
  }

  private int start() throws Exception {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "io.gochat.server.Main",
            "server",
            "--host=127.0.0.1",
            "--port=0",
            "--min-free-disk=0",
            "--bcrypt-cost=4",
            "--data-dir=" + directory.resolve("data"),
            "--webhooks=" + directory.resolve("hooks"))
        .redirectError(directory.resolve("err" + processes.size()).toFile())
        .start();
    processes.add(process);
    String line = new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
        .readLine();
    assertThat(line).startsWith("gochat ready on ");
    return Integer.parseInt(line.replaceFirst("gochat ready on 127\\.0\\.0\\.1:(\\d+) .*", "$1"));
  }

  private static String signIn(int port) throws Exception {
    String login = "{\"username\":\"alice\",\"password\":\"secret\"}";
    post(port, "/user/register", login);
    return post(port, "/user/login", login).body().replaceFirst(".*\"token\":\"([^\"]+)\".*", "$1");
  }

  private static int push(int port, String token, int i) throws Exception {
    return post(
            port,
            "/push/pushRoom",
            "{\"token\":\"" + token + "\",\"room_id\":7,\"msg\":\"m" + i + "\"}")
        .statusCode();
  }

  private static HttpResponse<String> post(int port, String path, String body) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}

package com.example.shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The application beside a real chat server. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "chat.secret-file=secret.txt")
class ShopTest {
  @TempDir
  Path data;

  @LocalServerPort
  int port;

  @Test
  void a_customer_of_the_shop_is_a_user_of_the_chat() throws Exception {
    Process chat = new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-jar",
            "../../server/target/gochat-server.jar",
            "--port=0",
            "--host=127.0.0.1",
            "--data-dir=" + data,
            "--jwt-secret-file=secret.txt")
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    try (BufferedReader out = new BufferedReader(new InputStreamReader(chat.getInputStream()))) {
      String ready = out.readLine();
      String chatPort = ready.replaceFirst(".*:([0-9]+) in.*", "$1");
      String token = new TestRestTemplate("alice", "wonderland")
          .getForObject("http://127.0.0.1:" + port + "/chat/token", String.class)
          .replaceFirst(".*\"token\":\"([^\"]+)\".*", "$1");

      HttpResponse<String> published = HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + chatPort + "/push/pushRoom"))
                  .header("Authorization", "Bearer " + token)
                  .POST(HttpRequest.BodyPublishers.ofString("{\"room_id\":7,\"msg\":\"hello\"}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());

      assertThat(published.body()).isEqualTo("{\"code\":200}");
    } finally {
      chat.destroy();
    }
  }
}

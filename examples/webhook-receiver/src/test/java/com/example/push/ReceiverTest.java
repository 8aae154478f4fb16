package com.example.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program beside a real chat server. */
class ReceiverTest {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir
  Path directory;

  @Test
  void who_is_away_is_woken_and_a_forgery_wakes_nobody() throws Exception {
    BlockingQueue<String> woken = new LinkedBlockingQueue<>();
    HttpServer receiver = new Receiver(SECRET, woken::add).listen(0);
    String hook = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook";
    Path hooks = Files.writeString(
        directory.resolve("webhooks.json"),
        "[{\"name\":\"push\",\"url\":\"" + hook + "\",\"secrets\":[\"" + SECRET
            + "\"],\"events\":[\"inbox.undelivered\"],\"allow_private\":true}]");
    Process chat = new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-jar",
            "../../server/target/gochat-server.jar",
            "--port=0",
            "--host=127.0.0.1",
            "--data-dir=" + directory.resolve("data"),
            "--webhooks=" + hooks,
            "--offline-after=1s")
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    try (BufferedReader out = new BufferedReader(new InputStreamReader(chat.getInputStream()))) {
      String url = "http://127.0.0.1:" + out.readLine().replaceFirst(".*:([0-9]+) in.*", "$1");
      post(url + "/user/register", "{\"username\":\"alice\",\"password\":\"secret\"}");
      post(url + "/user/register", "{\"username\":\"bob\",\"password\":\"secret\"}");
      String token = post(url + "/user/login", "{\"username\":\"bob\",\"password\":\"secret\"}")
          .body()
          .replaceFirst(".*\"token\":\"([^\"]+)\".*", "$1");
      post(
          url + "/push/push",
          "{\"token\":\"" + token + "\",\"to_user_name\":\"alice\",\"msg\":\"are you there?\"}");

      assertThat(woken.poll(30, TimeUnit.SECONDS)).isEqualTo("wake user 1 (alice): bob wrote");
      assertThat(post(hook, "{\"type\":\"inbox.undelivered\"}").statusCode()).isEqualTo(401);
      assertThat(woken).isEmpty();
    } finally {
      chat.destroy();
      receiver.stop(0);
    }
  }

  private static HttpResponse<String> post(String url, String body) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(url))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}

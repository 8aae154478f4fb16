package com.example.billing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tells users something, once each, whatever happens on the way. Needs nothing but Java. */
public final class Billing {
  private static final int ATTEMPTS = 5;

  private Billing() {}

  /** {@code Billing ID TEXT USER…}; the server in {@code GOCHAT_URL}, the key in {@code GOCHAT_API_KEY}. */
  public static void main(String[] args) throws Exception {
    if (args.length < 3) {
      System.err.println("Billing ID TEXT USER…");
      System.exit(2);
    }
    String url = Optional.ofNullable(System.getenv("GOCHAT_URL")).orElse("http://127.0.0.1:8080");
    String answer = publish(
        url,
        System.getenv("GOCHAT_API_KEY"),
        args[0],
        args[1],
        List.of(args).subList(2, args.length));
    System.out.println(answer);
  }

  /** Publishes to all of them. The id makes a repeat harmless, so every failure is answered by repeating. */
  static String publish(String url, String key, String id, String text, List<String> users)
      throws IOException, InterruptedException {
    List<String> names = new ArrayList<>();
    users.forEach(user -> names.add(quoted(user)));
    String body = "{\"msg\":" + quoted(text)
        + ",\"client_message_id\":" + quoted(id)
        + ",\"to_user_names\":" + names + "}";
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/admin/v1/publish"))
        .header("Authorization", "Bearer " + key)
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
    HttpClient http = HttpClient.newHttpClient();
    for (int attempt = 1; ; attempt++) {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      boolean passing = answer.statusCode() == 503 || answer.statusCode() == 429;
      if (!passing || attempt == ATTEMPTS) {
        return answer.body();
      }
      Thread.sleep(1_000L * attempt);
    }
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }
}

package io.gochat.bench.chat;

import io.gochat.bench.api.HttpApi;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Sends direct messages to users of whom only the name is known: the HTTP API finds them, the frame channel wants ids.
 * Used by one thread at a time.
 */
final class DirectMessages {
  private static final int ATTEMPTS = 5;

  private final HttpApi api;
  private final SignIn signIn;
  private HttpApi.User self;

  /** How a fresh session is opened when the one in use has ended. */
  @FunctionalInterface
  interface SignIn {
    HttpApi.User again() throws IOException, InterruptedException;
  }

  DirectMessages(HttpApi api, HttpApi.User self, SignIn signIn) {
    this.api = api;
    this.self = self;
    this.signIn = signIn;
  }

  /** Sends, again with the same id while the outcome is open; returns what went wrong, empty on success. */
  String send(String username, String text) throws InterruptedException {
    String id = UUID.randomUUID().toString();
    String problem = "";
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        HttpApi.Answer answer = api.post("/push/push", body(username, text, id));
        if (answer.status() == 200) {
          return "";
        }
        problem = answer.text("error");
        if (answer.status() == 401) {
          self = signIn.again();
        } else if (answer.status() != 503) {
          return answer.errorCode().equals("recipient_unknown")
              ? "there is no user " + username
              : problem;
        }
      } catch (IOException e) {
        problem = "the server cannot be reached";
      }
      Thread.sleep(200L << attempt);
    }
    return problem;
  }

  private Map<String, Object> body(String username, String text, String id) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("msg", text);
    body.put("to_user_id", 0);
    body.put("to_user_name", username);
    body.put("from_user_id", 0);
    body.put("from_user_name", "");
    body.put("room_id", 0);
    body.put("token", self.token());
    body.put("client_message_id", id);
    return body;
  }
}

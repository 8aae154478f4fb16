package io.gochat.client;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Turns name and password into a token, and makes the account where that is wanted. Confined to the event loop. */
final class Login {
  private static final String LOGIN = "/user/login";
  private static final String REGISTER = "/user/register";

  /** How it went. */
  sealed interface Outcome {
    /** A token. */
    record LoggedIn(String token) implements Outcome {
      @Override
      public String toString() {
        return "LoggedIn[…]";
      }
    }

    /** Trying again with the same credentials is no use. */
    record Refused(CloseReason reason, String detail) implements Outcome {}

    /** It may work later; {@code retryAfterMs} 0: the server did not say when. */
    record NotNow(String detail, int retryAfterMs) implements Outcome {}
  }

  private final Transport transport;
  private final Credentials.Password credentials;

  Login(Transport transport, Credentials.Password credentials) {
    this.transport = transport;
    this.credentials = credentials;
  }

  /** Never fails exceptionally. */
  CompletableFuture<Outcome> run() {
    return post(LOGIN)
        .thenCompose(reply -> reply.status() == 401 && credentials.register()
            ? register()
            : CompletableFuture.completedFuture(judge(reply)))
        .exceptionally(e -> new Outcome.NotNow("login: " + rootMessage(e), 0));
  }

  private CompletableFuture<Outcome> register() {
    return post(REGISTER).thenCompose(reply -> {
      if (reply.status() == 200) {
        return post(LOGIN).thenApply(Login::judge);
      }
      Outcome outcome = reply.errorWord().equals("name_taken")
          ? new Outcome.Refused(CloseReason.BAD_CREDENTIALS, "wrong password")
          : judge(reply);
      return CompletableFuture.completedFuture(outcome);
    });
  }

  private CompletableFuture<HttpPost.Reply> post(String path) {
    Map<String, String> fields = new TreeMap<>(
        Map.of("username", credentials.username(), "password", credentials.password()));
    return HttpPost.send(transport, path, FlatJson.object(fields));
  }

  private static Outcome judge(HttpPost.Reply reply) {
    return switch (reply.status()) {
      case 200 -> token(reply);
      case 401 -> new Outcome.Refused(CloseReason.BAD_CREDENTIALS, "wrong name or password");
      case 429, 500, 503 ->
        new Outcome.NotNow(
            "login: HTTP " + reply.status() + " " + reply.errorWord(), reply.retryAfterMs());
      default ->
        new Outcome.Refused(
            CloseReason.REFUSED, "login: HTTP " + reply.status() + " " + reply.errorWord());
    };
  }

  private static Outcome token(HttpPost.Reply reply) {
    try {
      String token = FlatJson.parse(reply.body()).getOrDefault("token", "");
      return token.isEmpty()
          ? new Outcome.Refused(CloseReason.PROTOCOL_ERROR, "the login answer has no token")
          : new Outcome.LoggedIn(token);
    } catch (IllegalArgumentException e) {
      return new Outcome.Refused(CloseReason.PROTOCOL_ERROR, "the login answer is no JSON");
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage());
  }
}

package io.gochat.client;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Turns name and password into a token, and makes the account where that is wanted. Confined to the event loop.
 *
 * <p>Making it comes first: a login that fails for want of an account counts as a failed login, and there may be many
 * clients behind one address.
 */
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

  private final Dialer dialer;
  private final Credentials.Password credentials;
  private @Nullable HttpPost current;
  private boolean cancelled;

  Login(Dialer dialer, Credentials.Password credentials) {
    this.dialer = dialer;
    this.credentials = credentials;
  }

  /** Logs in, after making the account where {@code register} says so. Never fails exceptionally. */
  CompletableFuture<Outcome> run(boolean register) {
    CompletableFuture<Outcome> outcome = register ? register() : login();
    return outcome.exceptionally(e -> new Outcome.NotNow("login: " + rootMessage(e), 0));
  }

  /** Whatever is under way is closed; the outcome comes all the same, and means nothing. */
  void cancel() {
    cancelled = true;
    if (current != null) {
      current.cancel();
    }
  }

  private CompletableFuture<Outcome> login() {
    return post(LOGIN).thenApply(reply -> judge("login", reply));
  }

  private CompletableFuture<Outcome> register() {
    return post(REGISTER).thenCompose(reply -> {
      boolean exists = reply.status() == 200 || reply.errorWord().equals("name_taken");
      return exists ? login() : CompletableFuture.completedFuture(judge("register", reply));
    });
  }

  private CompletableFuture<HttpPost.Reply> post(String path) {
    if (cancelled) {
      return CompletableFuture.failedFuture(new IOException("closed"));
    }
    Map<String, String> fields = new TreeMap<>(
        Map.of("username", credentials.username(), "password", credentials.password()));
    HttpPost sent = HttpPost.send(dialer, path, FlatJson.object(fields));
    current = sent;
    return sent.reply();
  }

  private static Outcome judge(String what, HttpPost.Reply reply) {
    int status = reply.status();
    if (status == 200) {
      return token(reply);
    }
    if (status == 401) {
      return new Outcome.Refused(CloseReason.BAD_CREDENTIALS, "wrong name or password");
    }
    String detail =
        (what + ": HTTP " + status + " " + reply.errorWord() + " " + sentence(reply)).strip();
    return Retry.passes(status)
        ? new Outcome.NotNow(detail, reply.retryAfterMs())
        : new Outcome.Refused(CloseReason.REFUSED, detail);
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

  /** What the server says about it to people; empty: nothing that can be read. */
  private static String sentence(HttpPost.Reply reply) {
    try {
      return FlatJson.parse(reply.body()).getOrDefault("error", "");
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage());
  }
}

package com.example.push;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Hears of messages that nobody has read, and prints whom it would wake by mobile push. Needs nothing but Java. */
public final class Receiver {
  private static final Duration TOLERANCE = Duration.ofMinutes(5);
  private static final int REMEMBERED = 100_000;
  private static final int MOST_BYTES = 1 << 20;

  private final byte[] secret;
  private final Consumer<String> wake;
  /** Events come at least once: what was handled is not handled again. A real one keeps this where it keeps its work. */
  private final Map<String, Boolean> handled = Collections.synchronizedMap(new LinkedHashMap<>() {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
      return size() > REMEMBERED;
    }
  });

  Receiver(String secret, Consumer<String> wake) {
    this.secret = Base64.getDecoder().decode(secret.substring("whsec_".length()));
    this.wake = wake;
  }

  /** Listens on {@code PORT} (9000); the secret is in {@code WEBHOOK_SECRET}. */
  public static void main(String[] args) throws IOException {
    int port = args.length > 0 ? Integer.parseInt(args[0]) : 9000;
    String secret = Optional.ofNullable(System.getenv("WEBHOOK_SECRET"))
        .orElseThrow(() -> new IllegalArgumentException("WEBHOOK_SECRET is not set"));
    HttpServer server = new Receiver(secret, System.out::println).listen(port);
    System.out.println("receiving on " + server.getAddress());
  }

  HttpServer listen(int port) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.createContext("/hook", this::receive);
    server.setExecutor(Executors.newFixedThreadPool(8));
    server.start();
    return server;
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES);
      String id = header(exchange, "webhook-id");
      if (!isGenuine(
          id, header(exchange, "webhook-timestamp"), header(exchange, "webhook-signature"), body)) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      if (handled.putIfAbsent(id, true) == null) {
        handle(new String(body, StandardCharsets.UTF_8));
      }
      exchange.sendResponseHeaders(204, -1);
    }
  }

  private static String header(HttpExchange exchange, String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
  }

  /** The scheme of Standard Webhooks; any of its libraries does the same. */
  private boolean isGenuine(String id, String timestamp, String signatures, byte[] body) {
    try {
      Duration age = Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), Instant.now());
      if (age.abs().compareTo(TOLERANCE) > 0) {
        return false;
      }
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body)))
          .getBytes(StandardCharsets.UTF_8);
      for (String signature : signatures.split(" ")) { // two while the secret is being changed
        if (MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8))) {
          return true;
        }
      }
      return false;
    } catch (GeneralSecurityException | NumberFormatException e) {
      return false;
    }
  }

  private void handle(String event) {
    if (field(event, "type").equals("inbox.undelivered")) {
      wake.accept("wake user " + field(event, "to_user_id") + " (" + field(event, "to_user_name") + "): "
          + field(event, "from_user_name") + " wrote");
    }
  }

  /** A real one uses a JSON library. */
  private static String field(String event, String name) {
    Matcher matcher =
        Pattern.compile("\"" + name + "\":\"?((?:[^\",}\\\\]|\\\\.)*)").matcher(event);
    return matcher.find() ? matcher.group(1) : "";
  }
}

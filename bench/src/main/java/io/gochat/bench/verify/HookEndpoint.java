package io.gochat.bench.verify;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.gochat.bench.common.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Somebody else's server that is told of every message: it fails, hangs, hangs up and restarts, and takes down what it took.
 * Thread-safe; the lane of its restarts has a thread of its own.
 */
final class HookEndpoint implements AutoCloseable {
  private static final String SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final int THREADS = 40;
  private static final int BACKLOG = 256;
  private static final int MAX_BODY = 1 << 20;

  private final Random random;
  private final Queue<Taken> taken = new ConcurrentLinkedQueue<>();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong hangs = new AtomicLong();
  private final AtomicLong restarts = new AtomicLong();
  private final AtomicLong badSignatures = new AtomicLong();
  private final int port;
  private final Thread lane = new Thread(this::restartNowAndThen, "faults-webhook");
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
    Thread thread = new Thread(task, "webhook-endpoint");
    thread.setDaemon(true);
    return thread;
  });
  private volatile boolean isDisturbed;
  private @Nullable HttpServer server; // guarded by this

  /**
   * An event that was answered with success.
   *
   * @param id its webhook-id
   * @param topic as in a {@link RunHistory}
   * @param epoch in which {@code seq} counts
   */
  record Taken(String id, String topic, long epoch, long seq, long messageId, String value) {}

  HookEndpoint(long seed) throws IOException {
    this.random = new Random(seed);
    this.port = listen(0);
    lane.setDaemon(true);
  }

  private synchronized int listen(int wanted) throws IOException {
    HttpServer started =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), BACKLOG);
    started.createContext("/", this::receive);
    started.setExecutor(threads);
    started.start();
    server = started;
    return started.getAddress().getPort();
  }

  /** The flags of a server that tells this endpoint; the file goes into {@code dir}. */
  List<String> flags(Path dir) throws IOException {
    Path file = Files.writeString(
        dir.resolve("webhooks.json"),
        "[{\"name\":\"verify\",\"url\":\"http://127.0.0.1:" + port + "/\",\"secrets\":[\"whsec_"
            + SECRET + "\"],\"events\":[\"message.published\"],\"allow_private\":true}]");
    return List.of("--webhooks", file.toString());
  }

  /** From now on it behaves badly. */
  void disturb() {
    isDisturbed = true;
    lane.start();
  }

  /** From now on it behaves; returns when it is up. */
  void behave() throws InterruptedException {
    isDisturbed = false;
    LockSupport.unpark(lane);
    lane.join();
  }

  private void restartNowAndThen() {
    try {
      while (isDisturbed) {
        LockSupport.parkNanos(between(500, 2_500) * 1_000_000L);
        if (isDisturbed) {
          stop();
          LockSupport.parkNanos(between(50, 600) * 1_000_000L);
          listen(port);
          restarts.incrementAndGet();
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the endpoint of the webhook cannot come back", e);
    }
  }

  private synchronized int between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  private synchronized void stop() {
    HttpServer running = server;
    server = null;
    if (running != null) {
      running.stop(0);
    }
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY);
      int chance = isDisturbed ? between(0, 99) : 100;
      if (chance < 3) {
        failures.incrementAndGet();
        exchange.sendResponseHeaders(500, -1);
      } else if (chance < 5) {
        failures.incrementAndGet(); // no answer at all
      } else {
        if (chance < 6) {
          hangs.incrementAndGet();
          LockSupport.parkNanos(between(200, 1_000) * 1_000_000L);
        }
        take(exchange, body);
        exchange.sendResponseHeaders(204, -1);
      }
    }
  }

  private void take(HttpExchange exchange, byte[] body) throws IOException {
    String id = header(exchange, "webhook-id");
    String signed = sign(id, header(exchange, "webhook-timestamp"), body);
    if (!List.of(header(exchange, "webhook-signature").split(" ", -1)).contains(signed)) {
      badSignatures.incrementAndGet();
    }
    Map<String, @Nullable Object> event = Json.readObject(new String(body, StandardCharsets.UTF_8));
    Map<String, @Nullable Object> data = Json.asObject(event.get("data"));
    long room = number(data, "room_id");
    taken.add(new Taken(
        id,
        (room > 0 ? Destination.room(room) : Destination.inbox(number(data, "to_user_id")))
            .toString(),
        number(data, "epoch"),
        number(data, "seq"),
        number(data, "message_id"),
        Destination.valueOf(String.valueOf(data.get("msg")))));
  }

  private static long number(Map<String, @Nullable Object> data, String name) {
    return data.get(name) instanceof Number number ? number.longValue() : 0;
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  private static String sign(String id, String timestamp, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Base64.getDecoder().decode(SECRET), "HmacSHA256"));
      mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  /** What it took, in order. */
  List<Taken> taken() {
    return List.copyOf(taken);
  }

  long failures() {
    return failures.get();
  }

  long hangs() {
    return hangs.get();
  }

  long restarts() {
    return restarts.get();
  }

  long badSignatures() {
    return badSignatures.get();
  }

  @Override
  public void close() {
    isDisturbed = false;
    LockSupport.unpark(lane);
    stop();
    threads.shutdownNow();
  }
}

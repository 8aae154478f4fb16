package io.gochat.bench.crowd;

import io.gochat.bench.api.HttpLink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Somebody else who logs in, correctly, on a new connection each time. Confined to the calling thread. */
final class LoginProbe {
  private static final long PAUSE_MS = 500;

  private final InetSocketAddress server;
  private final Map<String, Object> credentials;
  private final List<Double> tookMs = new ArrayList<>();
  private final List<String> refusals = new ArrayList<>();

  LoginProbe(InetSocketAddress server, String name, String password) {
    this.server = server;
    this.credentials = Map.of("username", name, "password", password);
  }

  /** Logs in again and again until then, at least once. */
  void until(long untilNs) throws InterruptedException {
    do {
      once();
      TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
    } while (System.nanoTime() - untilNs < 0);
  }

  private void once() {
    long fromNs = System.nanoTime();
    try (HttpLink link = new HttpLink(server, null)) {
      HttpLink.Answer answer = link.post("/user/login", new LinkedHashMap<>(credentials));
      if (answer.status() != 200) {
        refusals.add("HTTP " + answer.status() + " " + answer.body());
      }
    } catch (IOException e) {
      refusals.add(String.valueOf(e.getMessage()));
    }
    tookMs.add((System.nanoTime() - fromNs) / 1e6);
  }

  int count() {
    return tookMs.size();
  }

  /** The longest, in milliseconds. */
  double slowestMs() {
    return tookMs.stream().mapToDouble(each -> each).max().orElse(Double.NaN);
  }

  /** What was said to those that failed. */
  List<String> refusals() {
    return refusals;
  }
}

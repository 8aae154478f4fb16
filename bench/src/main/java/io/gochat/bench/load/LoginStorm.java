package io.gochat.bench.load;

import io.gochat.bench.api.HttpLink;
import io.gochat.bench.common.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * So many logins under way at once, with right passwords, each costing the server a whole bcrypt. Thread-safe; runs from
 * construction to {@link #close()}.
 */
final class LoginStorm implements AutoCloseable {
  private static final long REFUSED_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Recorder latencies = new Recorder(ReceiverLoop.MAX_NS, 3);
  private final LongAdder succeeded = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final List<Thread> threads = new ArrayList<>();
  private final long startNs = System.nanoTime();
  private volatile boolean closed;

  LoginStorm(ServerAddress target, List<UserPool.User> users, String password, int atOnce) {
    for (int i = 0; i < atOnce; i++) {
      String name = users.get(i % users.size()).name();
      HttpLink link = target.link(target.source(i, 200));
      Thread thread = new Thread(() -> storm(link, name, password), "load-login-" + i);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(35));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What it saw; after {@link #close()}. */
  Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> json = Json.object();
    double seconds = (System.nanoTime() - startNs) / 1e9;
    json.put("at_once", threads.size());
    json.put("logins", succeeded.sum());
    json.put("logins_per_s", succeeded.sum() / seconds);
    json.put("refused", refused.sum());
    json.put("failed", failed.sum());
    json.put("latency_us", Latencies.toJson(latencies.getIntervalHistogram()));
    return json;
  }

  private void storm(HttpLink link, String name, String password) {
    Map<String, @Nullable Object> credentials = Json.object();
    credentials.put("username", name);
    credentials.put("password", password);
    try (link) {
      while (!closed) {
        long before = System.nanoTime();
        int status = attempt(link, credentials);
        if (status == 200) {
          succeeded.increment();
          latencies.recordValue(Math.min(ReceiverLoop.MAX_NS, System.nanoTime() - before));
        } else {
          (status == 429 || status == 503 ? refused : failed).increment();
          LockSupport.parkNanos(REFUSED_PAUSE_NS);
        }
      }
    }
  }

  private static int attempt(HttpLink link, Map<String, @Nullable Object> credentials) {
    try {
      return link.post("/user/login", credentials).status();
    } catch (IOException e) {
      return 0;
    }
  }
}

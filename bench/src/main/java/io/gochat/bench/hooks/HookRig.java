package io.gochat.bench.hooks;

import io.gochat.bench.process.FreshServer;
import io.gochat.client.ChatClient;
import io.gochat.client.ClientOptions;
import io.gochat.client.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A server of its own with somebody who publishes to it; told to a sink, or to nobody. Confined to one thread. */
final class HookRig implements AutoCloseable {
  private static final String TEXT = "x".repeat(128);

  private final FreshServer server;
  private final ChatClient client;
  private final int rooms;
  private @Nullable Path file;
  private int turn;

  HookRig(@Nullable HookSink sink, int rooms) throws IOException, InterruptedException {
    this.rooms = rooms;
    List<String> flags = new ArrayList<>();
    if (sink != null) {
      Path hooks = Files.createTempFile("gochat-webhooks", ".json");
      Files.writeString(
          hooks,
          "[{\"name\":\"sink\",\"url\":\"http://127.0.0.1:" + sink.port()
              + "/\",\"secrets\":[\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"],"
              + "\"events\":[\"message.published\"],\"allow_private\":true}]");
      file = hooks;
      flags.add("--webhooks=" + hooks);
    }
    server = FreshServer.gochat(List.of(), flags);
    client = ChatClient.create(ClientOptions.builder()
        .host("127.0.0.1")
        .port(server.address().getPort())
        .login("publisher", "correct horse")
        .register(true)
        .build());
    client.connect().join();
  }

  /** The server's CPU time so far, in seconds. */
  double cpuSeconds() {
    return server.probe().cpuNs() / 1e9;
  }

  private Topic nextTopic() {
    turn = turn % rooms + 1;
    return Topic.room(turn);
  }

  /** Publishes until the time, or so many, so many under way at once; returns how many were accepted. */
  long publish(double seconds, long most, int atOnce) throws InterruptedException {
    Semaphore window = new Semaphore(atOnce);
    AtomicLong accepted = new AtomicLong();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (long i = 0; i < most && System.nanoTime() < end; i++) {
      window.acquire();
      client.publish(nextTopic(), TEXT).whenComplete((published, failure) -> {
        if (failure == null) {
          accepted.incrementAndGet();
        }
        window.release();
      });
    }
    window.acquire(atOnce);
    return accepted.get();
  }

  /** Publishes at a steady rate; returns how long each took to be accepted, in milliseconds, from when it was due. */
  List<Double> publishPaced(double seconds, int perSecond) throws InterruptedException {
    ConcurrentLinkedQueue<Double> took = new ConcurrentLinkedQueue<>();
    long begun = System.nanoTime();
    int count = (int) (seconds * perSecond);
    Semaphore underWay = new Semaphore(count);
    for (int i = 0; i < count; i++) {
      long due = begun + i * 1_000_000_000L / perSecond;
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      underWay.acquire();
      client.publish(nextTopic(), TEXT).whenComplete((published, failure) -> {
        if (failure == null) {
          took.add((System.nanoTime() - due) / 1e6);
        }
        underWay.release();
      });
    }
    underWay.acquire(count);
    return new ArrayList<>(took);
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
    if (file != null) {
      Files.deleteIfExists(file);
    }
  }
}

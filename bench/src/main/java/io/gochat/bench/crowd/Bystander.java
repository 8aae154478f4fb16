package io.gochat.bench.crowd;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.api.HttpLink;
import io.gochat.bench.crowd.BystanderNotices.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Somebody who has nothing to do with the crowd but its address: publishes over frames and over HTTP, in an open loop,
 * and receives all of it. Confined to the calling thread; works on threads of its own.
 */
final class Bystander implements AutoCloseable {
  private static final long EVERY_MS = 40;
  private static final long PATIENCE_S = 40;

  private final BystanderNotices notices = new BystanderNotices();
  private final BystanderChannel channel;
  private final HttpLink http;
  private final HttpApi.User user;
  private final long room;
  private final Thread overFrames = new Thread(this::publishOverFrames, "bystander-frames");
  private final Thread overHttp = new Thread(this::publishOverHttp, "bystander-http");
  private volatile boolean stopped;

  Bystander(InetSocketAddress server, HttpApi.User user, long room) {
    this.user = user;
    this.room = room;
    this.channel = new BystanderChannel(server, user, room, notices);
    this.http = new HttpLink(server, null);
    overFrames.setDaemon(true);
    overHttp.setDaemon(true);
  }

  /** Begins to publish and to receive. */
  void start() throws InterruptedException, IOException {
    channel.start();
    overFrames.start();
    overHttp.start();
  }

  /** What it noticed so far. */
  BystanderNotices notices() {
    return notices;
  }

  /** Publishes nothing more, and waits for what is on its way. */
  void stop() throws InterruptedException {
    stopped = true;
    overFrames.join();
    overHttp.join(TimeUnit.SECONDS.toMillis(PATIENCE_S));
    channel.awaitEverything(TimeUnit.SECONDS.toNanos(PATIENCE_S));
  }

  @Override
  public void close() {
    stopped = true;
    channel.close();
    http.close();
  }

  private void publishOverFrames() {
    openLoop(channel::publish);
  }

  private void publishOverHttp() {
    openLoop(dueNs -> {
      try {
        HttpLink.Answer answer = http.post(
            "/push/pushRoom",
            Map.of("token", user.token(), "room_id", room, "msg", BystanderChannel.text(dueNs)));
        if (answer.status() == 200) {
          channel.owed(dueNs);
        } else {
          notices.failed();
        }
      } catch (IOException e) {
        notices.failed();
      }
      notices.took(Kind.PUBLISH, dueNs);
    });
  }

  /** Does something every few milliseconds by the clock, however late it is. */
  private void openLoop(LongConsumer task) {
    long dueNs = System.nanoTime();
    while (!stopped) {
      long leftNs = dueNs - System.nanoTime();
      if (leftNs > 0) {
        LockSupport.parkNanos(leftNs);
      } else {
        task.accept(dueNs);
        dueNs += TimeUnit.MILLISECONDS.toNanos(EVERY_MS);
      }
    }
  }
}

package io.gochat.bench.redis;

import io.lettuce.core.KillArgs;
import java.io.IOException;
import java.nio.file.Path;

/** One Redis. Confined to one thread but for {@link #close}. */
public final class OneRedis implements OwnRedis {
  private final RedisInstance redis;

  private OneRedis(RedisInstance redis) {
    this.redis = redis;
  }

  /**
   * A stretch of time.
   *
   * @param fromNs its beginning, of {@link System#nanoTime()}
   * @param toNs its end
   */
  public record Stretch(long fromNs, long toNs) {}

  /** The program, where nobody says another: of the {@code PATH}, or what {@code REDIS_SERVER} says. */
  public static String executable() {
    return System.getenv().getOrDefault("REDIS_SERVER", "redis-server");
  }

  /** Starts {@code executable} in a directory of its own below {@code dir}; these settings come on top. */
  public static OneRedis start(String executable, Path dir, String... settings) throws IOException {
    return new OneRedis(RedisInstance.start(executable, dir.resolve("redis"), settings));
  }

  @Override
  public String uri() {
    return "redis://127.0.0.1:" + port();
  }

  /** Where it listens. */
  public int port() {
    return redis.port();
  }

  /** SIGKILL, a moment of nothing, and a new process with what the old one had written down. */
  public void killAndRestart(long downMs) throws IOException, InterruptedException {
    redis.kill();
    RedisInstance.sleep(downMs);
    redis.startAgain();
  }

  /**
   * SIGKILL, and a new process that has lost what was written in the last {@code lostMs} milliseconds and a little more,
   * as after a crash of its machine under {@code everysec}, or a failover to a replica that was behind.
   *
   * @return during which what was acknowledged may be lost
   */
  public Stretch lose(long lostMs) throws IOException, InterruptedException {
    long from = System.nanoTime();
    Path older = redis.copyOfData();
    RedisInstance.sleep(lostMs);
    redis.kill();
    long to = System.nanoTime();
    redis.putBack(older);
    redis.startAgain();
    return new Stretch(from, to);
  }

  /** SIGSTOP, and SIGCONT after {@code pauseMs} milliseconds. */
  public void pause(long pauseMs) throws IOException, InterruptedException {
    redis.pause(pauseMs);
  }

  /** It has no memory for writes, for {@code fullMs} milliseconds. */
  public void fill(long fullMs) {
    redis.ask(commands -> commands.configSet("maxmemory", "1"));
    RedisInstance.sleep(fullMs);
    redis.ask(commands -> commands.configSet("maxmemory", "0"));
  }

  /** Cuts every connection on which something is subscribed; returns how many. */
  public long dropNotifications() {
    return redis.ask(commands -> commands.clientKill(KillArgs.Builder.typePubsub()));
  }

  @Override
  public void close() {
    redis.close();
  }
}

package io.gochat.server.redis;

import io.gochat.server.failure.Failure;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts a new epoch by hand. Stateless. */
public final class RedisEpoch {
  private static final long DEADLINE_SECONDS = 60;

  private RedisEpoch() {}

  /**
   * What a node does that notices a loss, for when no node could: Redis was put back to an older copy while all were down.
   * Blocks.
   *
   * @return the epoch in force from now on
   * @throws IOException when Redis cannot be reached, or holds no data of this deployment
   */
  public static long renew(RedisOptions options) throws IOException {
    RedisLink link = Opening.connect(options, RedisLink.Listener.NOBODY);
    try {
      if (await(link.commands().exists(link.keys().epoch)) == 0) {
        throw new RedisOpenException(
            "This Redis holds no data of GoChat under the prefix " + options.prefix());
      }
      await(DataFormat.check(link));
      Continuity continuity =
          new Continuity(link, Continuity.Listener.NOBODY, new SimpleMeterRegistry());
      await(continuity.refreshEpoch());
      return await(continuity.newEpoch());
    } finally {
      link.close();
    }
  }

  private static <T> T await(CompletionStage<T> answer) throws IOException {
    try {
      return answer.toCompletableFuture().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      if (Failure.cause(e) instanceof RedisOpenException refused) {
        throw refused;
      }
      throw new IOException("Redis did not take it: " + Failure.cause(e).getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}

package io.gochat.server.redis;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;

/** Starts a new epoch by hand. Stateless. */
public final class RedisEpoch {
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
      if (Failures.await(link.commands().exists(link.keys().epoch)) == 0) {
        throw new RedisOpenException(
            "This Redis holds no data of GoChat under the prefix " + options.prefix());
      }
      Failures.await(DataFormat.check(link));
      Continuity continuity =
          new Continuity(link, Continuity.Listener.NOBODY, new SimpleMeterRegistry());
      Failures.await(continuity.refreshEpoch());
      return Failures.await(continuity.newEpoch());
    } finally {
      link.close();
    }
  }
}

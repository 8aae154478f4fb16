package io.gochat.bench.common;

import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;

/** How event loops of the tools end. Stateless. */
public final class LoopGroups {
  // Without a quiet period Netty may end a loop before it has closed what is open there.
  private static final long QUIET_MS = 1;
  private static final long STOP_WITHIN_MS = 2_000;
  private static final long PATIENCE_MS = 10_000;

  private LoopGroups() {}

  /** Closes what is open on the loops and ends them. Blocks; not on a loop. */
  public static void close(EventLoopGroup group) {
    group
        .shutdownGracefully(QUIET_MS, STOP_WITHIN_MS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(PATIENCE_MS);
  }
}

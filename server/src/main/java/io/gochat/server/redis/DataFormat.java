package io.gochat.server.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The format of the data in Redis, so that a node never misreads what a later version wrote. Stateless. Format 1 had no
 * mark; what came with 2 stands beside it, so that nodes of both can be up together while one replaces the other.
 */
final class DataFormat {
  private static final Script REPLACE = Script.load("replace");
  private static final long KNOWN = 2;

  private DataFormat() {}

  /** Marks data that have no mark; fails with a {@link RedisOpenException} when they are of a later version. */
  static CompletionStage<Void> check(RedisLink link) {
    return REPLACE
        .call(link.commands(), new byte[][] {link.keys().format}, Keys.bytes(""), Keys.bytes(KNOWN))
        .thenCompose(answer -> {
          long found = Keys.number((byte[]) answer.get(0));
          return found <= KNOWN
              ? CompletableFuture.completedStage(null)
              : CompletableFuture.failedStage(
                  new RedisOpenException("The data in this Redis have format "
                      + found + ", and this version knows them up to format " + KNOWN
                      + ": start the version that wrote them, or a later one"));
        });
  }
}

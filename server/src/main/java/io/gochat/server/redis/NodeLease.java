package io.gochat.server.redis;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to a node name: a key that expires unless it is renewed, with an owner that no other process can be.
 * Thread-safe. A process that was paused until its lease ran out does not overwrite whoever took the name meanwhile.
 */
final class NodeLease {
  private static final Logger log = LoggerFactory.getLogger(NodeLease.class);
  private static final Script LEASE = Script.load("lease");
  private static final Script RELEASE = Script.load("release");
  private static final long LENGTH_MS = 10_000;
  private static final long LOOK_MS = 250;
  // What the clock of Redis and the way to it may add to a lease that nobody renews.
  private static final long SLACK_MS = 200;
  private static final long ANSWER_MS = 5_000;

  private final RedisLink link;
  private final String node;
  private final String owner = UUID.randomUUID().toString();
  private volatile boolean held;

  NodeLease(RedisLink link, String node) {
    this.link = link;
    this.node = node;
  }

  /**
   * Takes the lease. One that is still there after a crash is waited for; one that somebody renews meanwhile belongs to
   * a node that is alive. Blocks, for at most the length of a lease.
   */
  void acquire()
      throws RedisOpenException, ExecutionException, TimeoutException, InterruptedException {
    long least = Long.MAX_VALUE;
    while (true) {
      List<Object> answer = take().toCompletableFuture().get(ANSWER_MS, TimeUnit.MILLISECONDS);
      if ((Long) answer.get(0) == 1) {
        held = true;
        return;
      }
      long leftMs = (Long) answer.get(1);
      if (least == Long.MAX_VALUE) {
        log.info(
            "The name {} is leased for another {} ms: waiting whether it is renewed", node, leftMs);
      } else if (leftMs > least + SLACK_MS) {
        throw new RedisOpenException("Another node is running as \"" + node
            + "\" on this Redis; give this one another --node-id, or stop that one");
      }
      least = Math.min(least, leftMs);
      Thread.sleep(LOOK_MS);
    }
  }

  /** Every few seconds. */
  void renew() {
    take().whenComplete((answer, failure) -> {
      if (failure != null) {
        return; // while Redis does not answer nobody else gets it either
      }
      boolean ours = (Long) answer.get(0) == 1;
      if (held != ours) {
        held = ours;
        if (ours) {
          log.info("This node is {} again", node);
        } else {
          log.error("Another node took the name {} while this one did not answer", node);
        }
      }
    });
  }

  /** Whether the name was ours when Redis last answered. */
  boolean isHeld() {
    return held;
  }

  /** Gives it up, so that the next start need not wait. */
  CompletionStage<List<Object>> release() {
    held = false;
    return RELEASE.call(link.commands(), key(), Keys.bytes(owner));
  }

  private CompletionStage<List<Object>> take() {
    return LEASE.call(link.commands(), key(), Keys.bytes(owner), Keys.bytes(LENGTH_MS));
  }

  private byte[][] key() {
    return new byte[][] {link.keys().node(node)};
  }
}

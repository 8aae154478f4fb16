package io.gochat.server.redis;

import io.gochat.protocol.Limits;
import io.gochat.server.messaging.Topic;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Redis still holds what it held. Thread-safe; nothing blocks.
 *
 * <p>A restart without an append-only file, or a failover to a replica that was behind, takes messages back that were
 * acknowledged, and gives their sequences out again. Each node remembers the ends of the topics that it saw last, with
 * the message id there, and the block of message ids that it reserved. After each new connection, before anything is
 * appended through it, all of that is compared; if the end of a topic went back, or another message is there, or the
 * counter of ids is behind, then sequences may be used again and the first node to notice replaces the epoch.
 */
final class Continuity {
  private static final Logger LOG = LoggerFactory.getLogger(Continuity.class);
  private static final Script EPOCH = Script.load("epoch");
  private static final Script RAISE = Script.load("raise");
  private static final Script STATE = Script.load("state");
  private static final int REMEMBERED = 2_000;
  private static final int ID_BLOCK = 10_000;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final RedisLink link;
  private final LongConsumer epochChanged;
  // By the last touch, the oldest goes. Guarded by itself.
  private final Map<Topic, End> ends = new LinkedHashMap<>(64, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<Topic, End> eldest) {
      return size() > REMEMBERED;
    }
  };
  private volatile long epoch;
  private volatile long reservedTo;
  private volatile int verifiedGeneration = -1;
  private long nextId; // confined to the committer thread
  private long endOfIds; // confined to the committer thread

  private record End(long seq, long messageId) {}

  /** {@code epochChanged} hears of every epoch but the first. */
  Continuity(RedisLink link, LongConsumer epochChanged) {
    this.link = link;
    this.epochChanged = epochChanged;
  }

  /** The epoch in force, as last known here. */
  long epoch() {
    return epoch;
  }

  /** The topic was seen to end here. */
  void saw(Topic topic, long seq, long messageId) {
    synchronized (ends) {
      End known = ends.get(topic);
      if (known == null || known.seq < seq) {
        ends.put(topic, new End(seq, messageId));
      }
    }
  }

  /** Whether everything was compared since the last connection was made. */
  boolean isVerified() {
    return verifiedGeneration == link.generation();
  }

  /** Compares, and replaces the epoch where something is missing; completes when appending may go on. */
  CompletionStage<Void> verify() {
    int generation = link.generation();
    return refreshEpoch()
        .thenCompose(stayed -> stayed ? looksComplete() : CompletableFuture.completedStage(true))
        .thenCompose(
            complete -> complete ? CompletableFuture.completedStage(epoch) : replaceEpoch())
        .thenAccept(now -> verifiedGeneration = generation);
  }

  /** Reads the epoch in force; makes the first one. Completes with whether it stayed. */
  CompletionStage<Boolean> refreshEpoch() {
    return link.commands().get(link.keys().epoch).thenCompose(stored -> {
      if (stored == null) {
        // The very first start, or everything is gone.
        long before = epoch;
        return replaceEpochOf("").thenApply(now -> before == 0);
      }
      return CompletableFuture.completedStage(adopt(Keys.number(stored)));
    });
  }

  /** Sequences may be used again: replaces the epoch, unless another node already has. */
  CompletionStage<Long> replaceEpoch() {
    LOG.error(
        "Redis has lost messages that it had acknowledged (a restart without its append-only file, or a failover"
            + " to a replica that was behind): positions count anew, clients are told of a gap");
    return replaceEpochOf(Long.toString(epoch));
  }

  private CompletionStage<Long> replaceEpochOf(String before) {
    long fresh = 1 + (RANDOM.nextLong() & Long.MAX_VALUE) % Limits.MAX_ID;
    return EPOCH
        .call(
            link.commands(),
            new byte[][] {link.keys().epoch},
            Keys.bytes(before),
            Keys.bytes(fresh))
        .thenApply(answer -> {
          long inForce = Keys.number((byte[]) answer.get(0));
          adopt(inForce);
          return inForce;
        });
  }

  // Whether it stayed. Nobody is called under the lock.
  private boolean adopt(long inForce) {
    long before;
    synchronized (ends) {
      before = epoch;
      epoch = inForce;
      if (before != 0 && before != inForce) {
        ends.clear();
      }
    }
    if (before == 0 || before == inForce) {
      return true;
    }
    epochChanged.accept(inForce);
    return false;
  }

  private CompletionStage<Boolean> looksComplete() {
    RedisClusterAsyncCommands<byte[], byte[]> redis = link.commands();
    long reserved = reservedTo;
    CompletionStage<Boolean> complete = RAISE
        .call(
            redis,
            new byte[][] {link.keys().messageIds},
            Keys.bytes(reserved),
            Keys.bytes(1_000L * ID_BLOCK))
        .thenApply(was -> Keys.number((byte[]) was.get(0)) >= reserved);
    Map<Topic, End> expected;
    synchronized (ends) {
      expected = new LinkedHashMap<>(ends);
    }
    List<CompletionStage<Boolean>> checks = new ArrayList<>();
    expected.forEach((topic, end) -> checks.add(isThere(redis, topic, end)));
    for (CompletionStage<Boolean> check : checks) {
      complete = complete.thenCombine(check, Boolean::logicalAnd);
    }
    return complete;
  }

  private CompletionStage<Boolean> isThere(
      RedisClusterAsyncCommands<byte[], byte[]> redis, Topic topic, End end) {
    byte[][] keys = {link.keys().messages(topic), link.keys().state(topic)};
    return STATE.call(redis, keys, Keys.bytes(end.seq)).thenApply(answer -> {
      byte[] probed = (byte[]) answer.get(2);
      return Keys.number((byte[]) answer.get(0)) >= end.seq
          && (probed.length == 0 || StoredMessage.messageId(probed) == end.messageId);
    });
  }

  /** Whether {@link #nextMessageId} has so many ids left. Committer thread. */
  boolean hasMessageIds(int count) {
    return nextId + count <= endOfIds;
  }

  /** Reserves another block in Redis; what is left of the old one is not used. */
  CompletionStage<Void> reserveMessageIds() {
    return link.commits().incrby(link.keys().messageIds, ID_BLOCK).thenAccept(end -> {
      reservedTo = end;
    });
  }

  /** Starts on the block that was reserved last. Committer thread. */
  void useReservedIds() {
    endOfIds = reservedTo + 1;
    nextId = endOfIds - ID_BLOCK;
  }

  /** Unique in the store. Committer thread. */
  long nextMessageId() {
    assert nextId < endOfIds : "no message ids reserved";
    return nextId++;
  }
}

package io.gochat.server.redis;

import io.gochat.protocol.Limits;
import io.gochat.server.messaging.Topic;
import io.gochat.server.metrics.StoreMeters;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Redis still holds what it held. Thread-safe; nothing blocks.
 *
 * <p>A restart without an append-only file, or a failover to a replica that was behind, takes messages back that were
 * acknowledged, and gives their sequences out again. Each node remembers the ends of the topics that it saw last, with
 * the message id there, the block of message ids that it reserved, and the highest user. After each new connection, before
 * anything is appended through it, all of that is compared; if the end of a topic went back, or another message is there,
 * or a counter of ids is behind, then sequences may be used again and the first node to notice replaces the epoch.
 *
 * <p>Ids are never used again, because whoever still has one from before would be taken for its new owner. No node knows
 * what all the others saw; so the first to find Redis in another life (its run id tells) raises the counters far beyond
 * what can have been given out, and ids are taken only from the life that was compared. What any node remembers of users
 * counts for nothing then: sessions and accounts are looked up again.
 */
final class Continuity {
  private static final Logger log = LoggerFactory.getLogger(Continuity.class);
  private static final Script REPLACE = Script.load("replace");
  private static final Script RAISE = Script.load("raise");
  private static final Script STATE = Script.load("message_id", "state");
  private static final Script IDS = Script.load("ids");
  private static final int ID_BLOCK = 50_000;
  // More than are registered in what a restart can lose, and than blocks of messages are under way.
  private static final long LIFE_JUMP = 1L << 24;
  // A backup may be restored twice: what is drawn must differ.
  private static final long EPOCH_JUMP = 1L << 32;
  private static final String NO_LIFE = "-";
  private static final int ATTEMPTS = 3;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final RedisLink link;
  private final Listener listener;
  private final Counter epochChanges;
  private final SeenEnds ends = new SeenEnds();
  private volatile long reservedTo;
  private volatile int verifiedGeneration = -1;
  private final AtomicLong highestUser = new AtomicLong();
  private volatile String lifeOfMessages = "";
  private volatile String lifeOfUsers = "";
  private final Object lock = new Object();
  private @Nullable CompletableFuture<Void> verifying; // guarded by the lock
  private int verifyingGeneration; // guarded by the lock
  private @Nullable CompletableFuture<Long> replacing; // guarded by the lock
  private long nextId; // confined to the committer thread
  private long endOfIds; // confined to the committer thread

  /** Hears of what was lost. Called on the client's threads; returns quickly. */
  interface Listener {
    /** Every epoch but the first. */
    void epochChanged(long epoch);

    /** What is remembered of users and sessions may be of another life of Redis. */
    void usersMayDiffer();

    /** Where nothing is remembered. */
    Listener NOBODY = new Listener() {
      @Override
      public void epochChanged(long epoch) {}

      @Override
      public void usersMayDiffer() {}
    };
  }

  Continuity(RedisLink link, Listener listener, MeterRegistry meters) {
    this.link = link;
    this.epochChanges = StoreMeters.epochChanges(meters);
    this.listener = listener;
  }

  /** The epoch in force, as last known here. */
  long epoch() {
    return ends.epoch();
  }

  /** The topic was seen to end here, while {@code ofEpoch} was in force. */
  void saw(Topic topic, long ofEpoch, long seq, long messageId) {
    ends.saw(topic, ofEpoch, seq, messageId);
  }

  /**
   * Up to where the topic is what it was at the end of {@code past}, as far as this node saw it; 0: it is not known. Only
   * the end is known by its id: a topic that lost its end is told as lost to all who stand in it.
   */
  CompletionStage<Long> keptUntil(Topic topic, long past) {
    SeenEnds.End end = ends.ofPast(past, topic);
    return end == null
        ? CompletableFuture.completedStage(0L)
        : messageIdAt(link.commands(), topic, end.seq())
            .thenApply(found -> found == end.messageId() ? end.seq() : 0L);
  }

  private CompletionStage<Long> messageIdAt(
      RedisClusterAsyncCommands<byte[], byte[]> redis, Topic topic, long seq) {
    byte[][] keys = {link.keys().messages(topic), link.keys().state(topic)};
    return STATE.call(redis, keys, Keys.bytes(seq)).thenApply(answer -> {
      byte[] probed = (byte[]) answer.get(2);
      return probed.length == 0 ? 0L : StoredMessage.messageId(probed);
    });
  }

  /** Whether everything was compared since the last connection was made. */
  boolean isVerified() {
    return verifiedGeneration == link.generation();
  }

  /**
   * Asks the Redis that was compared. What another life of it answers would be taken for the continuation of what was
   * there before; so the question is asked again when a connection was made meanwhile.
   */
  <T> CompletionStage<T> compared(Supplier<CompletionStage<T>> question) {
    return compared(question, ATTEMPTS);
  }

  private <T> CompletionStage<T> compared(Supplier<CompletionStage<T>> question, int attempts) {
    if (attempts == 0) {
      return CompletableFuture.failedStage(
          new IllegalStateException("connections to Redis come and go"));
    }
    int generation = link.generation();
    if (verifiedGeneration != generation) {
      return verify().thenCompose(done -> compared(question, attempts - 1));
    }
    return question
        .get()
        .thenCompose(answer -> generation == link.generation()
            ? CompletableFuture.completedStage(answer)
            : compared(question, attempts - 1));
  }

  /** This user exists. */
  void sawUser(long userId) {
    if (userId > highestUser.get()) {
      highestUser.accumulateAndGet(userId, Math::max);
    }
  }

  /**
   * Compares, and replaces the epoch where something is missing; completes when appending may go on. One comparison at a
   * time: a second one would take the first one's new epoch for the old.
   */
  CompletionStage<Void> verify() {
    CompletableFuture<Void> ours = new CompletableFuture<>();
    int generation = link.generation();
    synchronized (lock) {
      CompletableFuture<Void> underWay = verifying;
      if (underWay != null && !underWay.isDone() && verifyingGeneration == generation) {
        return underWay;
      }
      verifying = ours;
      verifyingGeneration = generation;
    }
    complete(ours, () -> compare(generation));
    return ours;
  }

  // Whatever the client throws before it sends: what nobody completed would be waited for for ever.
  private static <T> void complete(
      CompletableFuture<T> waitedFor, Supplier<CompletionStage<T>> question) {
    CompletionStage<T> answer;
    try {
      answer = question.get();
    } catch (RuntimeException | Error e) {
      answer = CompletableFuture.failedStage(e);
    }
    answer.whenComplete((done, failure) -> {
      if (failure == null) {
        waitedFor.complete(done);
      } else {
        waitedFor.completeExceptionally(failure);
      }
    });
  }

  private CompletionStage<Void> compare(int generation) {
    return refreshEpoch()
        .thenCompose(stayed -> looksComplete().thenApply(complete -> complete || !stayed))
        .thenCompose(
            complete -> complete ? CompletableFuture.completedStage(epoch()) : replaceEpoch())
        .thenAccept(now -> verifiedGeneration = generation);
  }

  /** Reads the epoch in force; makes the first one. Completes with whether it stayed. */
  CompletionStage<Boolean> refreshEpoch() {
    return link.commands().get(link.keys().epoch).thenCompose(stored -> {
      if (stored == null) {
        // The very first start, or everything is gone.
        long before = epoch();
        return (before == 0 ? replaceEpochOf("") : replaceEpoch()).thenApply(now -> before == 0);
      }
      return CompletableFuture.completedStage(adopt(Keys.number(stored)));
    });
  }

  /**
   * Sequences may be used again: replaces the epoch, unless another node already has. One at a time, however many topics
   * show the loss at once: each raises the ids far.
   */
  CompletionStage<Long> replaceEpoch() {
    CompletableFuture<Long> ours = new CompletableFuture<>();
    synchronized (lock) {
      CompletableFuture<Long> underWay = replacing;
      if (underWay != null && !underWay.isDone()) {
        return underWay;
      }
      replacing = ours;
    }
    complete(ours, this::replaceLost);
    return ours;
  }

  private CompletionStage<Long> replaceLost() {
    long lost = epoch();
    return link.commands().get(link.keys().epoch).thenCompose(stored -> {
      if (stored != null && Keys.number(stored) != lost) {
        adopt(Keys.number(stored));
        return CompletableFuture.completedStage(epoch());
      }
      log.error(
          "Redis has lost messages that it had acknowledged (a restart without its append-only file, or a failover"
              + " to a replica that was behind): clients are told of what is gone");
      String before = stored == null ? "" : Long.toString(lost);
      return raiseFar().thenCompose(raised -> replaceEpochOf(before));
    });
  }

  /** Replaces the epoch and raises all ids, whatever was found. */
  CompletionStage<Long> newEpoch() {
    String before = Long.toString(epoch());
    return raiseFar().thenCompose(raised -> replaceEpochOf(before));
  }

  // Before the epoch is replaced: whoever stops in
  // between leaves too large a jump, not too small a one.
  private CompletionStage<Void> raiseFar() {
    long jump = EPOCH_JUMP + (RANDOM.nextLong() & (EPOCH_JUMP - 1));
    return raise(link.keys().messageIds, reservedTo, jump, NO_LIFE)
        .thenCombine(raise(link.keys().userIds, highestUser.get(), jump, NO_LIFE), (m, u) -> m)
        .thenAccept(raised -> {});
  }

  private CompletionStage<Raised> raise(byte[] counter, long least, long jump, String life) {
    return RAISE
        .call(
            link.commands(),
            new byte[][] {counter},
            Keys.bytes(least),
            Keys.bytes(jump),
            Keys.bytes(life))
        .thenApply(answer ->
            new Raised(Keys.number((byte[]) answer.get(0)), Keys.text((byte[]) answer.get(1))));
  }

  private record Raised(long was, String life) {}

  private CompletionStage<Long> replaceEpochOf(String before) {
    long fresh = 1 + (RANDOM.nextLong() & Long.MAX_VALUE) % Limits.MAX_ID;
    return REPLACE
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

  // Whether it stayed.
  private boolean adopt(long inForce) {
    long before = ends.adopt(inForce);
    if (before == 0 || before == inForce) {
      return true;
    }
    epochChanges.increment();
    listener.epochChanged(inForce);
    listener.usersMayDiffer();
    return false;
  }

  private CompletionStage<Boolean> looksComplete() {
    RedisClusterAsyncCommands<byte[], byte[]> redis = link.commands();
    CompletionStage<Boolean> complete =
        countersAreComplete(reservedTo, highestUser.get(), lifeOfMessages, lifeOfUsers);
    List<CompletionStage<Boolean>> checks = new ArrayList<>();
    ends.latest().forEach((topic, end) -> checks.add(isThere(redis, topic, end)));
    for (CompletionStage<Boolean> check : checks) {
      complete = complete.thenCombine(check, Boolean::logicalAnd);
    }
    return complete;
  }

  private CompletionStage<Boolean> countersAreComplete(
      long reserved, long users, String messagesBefore, String usersBefore) {
    return raise(link.keys().messageIds, reserved, LIFE_JUMP, messagesBefore)
        .thenCombine(
            raise(link.keys().userIds, users, LIFE_JUMP, usersBefore), (ofMessages, ofUsers) -> {
              boolean anotherLife = isAnother(ofMessages.life, messagesBefore)
                  || isAnother(ofUsers.life, usersBefore);
              lifeOfMessages = ofMessages.life;
              lifeOfUsers = ofUsers.life;
              if (anotherLife) {
                listener.usersMayDiffer();
              }
              return ofMessages.was >= reserved && ofUsers.was >= users;
            });
  }

  private static boolean isAnother(String life, String before) {
    return !before.isEmpty() && !before.equals(life);
  }

  private CompletionStage<Boolean> isThere(
      RedisClusterAsyncCommands<byte[], byte[]> redis, Topic topic, SeenEnds.End end) {
    byte[][] keys = {link.keys().messages(topic), link.keys().state(topic)};
    return STATE.call(redis, keys, Keys.bytes(end.seq())).thenApply(answer -> {
      byte[] probed = (byte[]) answer.get(2);
      return Keys.number((byte[]) answer.get(0)) >= end.seq()
          && (probed.length == 0 || StoredMessage.messageId(probed) == end.messageId());
    });
  }

  /** Whether {@link #nextMessageId} has so many ids left. Committer thread. */
  boolean hasMessageIds(int count) {
    return nextId + count <= endOfIds;
  }

  /** Reserves another block in Redis; what is left of the old one is not used. */
  CompletionStage<Void> reserveMessageIds() {
    return ids(link.commits(), link.keys().messageIds, ID_BLOCK, () -> lifeOfMessages, ATTEMPTS)
        .thenAccept(end -> {
          reservedTo = end;
        });
  }

  /** A user id that nobody ever had. */
  CompletionStage<Long> newUserId() {
    CompletionStage<Void> verified =
        isVerified() ? CompletableFuture.completedStage(null) : verify();
    return verified.thenCompose(
        done -> ids(link.commands(), link.keys().userIds, 1, () -> lifeOfUsers, ATTEMPTS));
  }

  private CompletionStage<Long> ids(
      RedisClusterAsyncCommands<byte[], byte[]> redis,
      byte[] counter,
      int count,
      Supplier<String> life,
      int attempts) {
    return IDS.call(redis, new byte[][] {counter}, Keys.bytes(count), Keys.bytes(life.get()))
        .thenCompose(answer -> {
          long last = Keys.number((byte[]) answer.get(0));
          if (last != 0) {
            return CompletableFuture.completedStage(last);
          }
          // Another life, noticed before the client told us of its new connection.
          return attempts == 1
              ? CompletableFuture.failedStage(
                  new IllegalStateException("Redis is restarted again and again"))
              : verify().thenCompose(done -> ids(redis, counter, count, life, attempts - 1));
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

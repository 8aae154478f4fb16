package io.gochat.server.embedded;

import io.gochat.server.messaging.PositionStore;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.rocksdb.RocksDBException;

/** Acknowledged positions in RocksDB. Thread-safe. */
final class EmbeddedPositions implements PositionStore {
  private static final int MAX_DEVICES = 256;

  private final Committer committer;
  private final ReadThreads reads;

  EmbeddedPositions(Committer committer, ReadThreads reads) {
    this.committer = committer;
    this.reads = reads;
  }

  @Override
  public CompletableFuture<Void> acknowledge(long userId, String deviceId, long epoch, long seq) {
    RowWrite<Boolean> write = new RowWrite<>(commit -> {
      merge(commit, Keys.position(userId, deviceId), new AcknowledgedPosition(epoch, seq));
      return true;
    });
    committer.submit(write);
    return write.result().thenAccept(done -> {});
  }

  private static void merge(Commit commit, byte[] key, AcknowledgedPosition position)
      throws RocksDBException {
    byte[] value = commit.get(Family.POSITIONS, key);
    if (value != null) {
      AcknowledgedPosition stored = decode(value);
      boolean sameEpoch = stored.epoch() == position.epoch();
      // An acknowledgement that an epoch change overtook must not replace one that counts now.
      boolean overtaken = stored.epoch() == commit.epoch() && !sameEpoch;
      if (overtaken || (sameEpoch && stored.seq() >= position.seq())) {
        return;
      }
    }
    if (value == null) {
      makeRoom(commit, key);
    }
    commit.put(
        Family.POSITIONS,
        key,
        ByteBuffer.allocate(16)
            .putLong(position.epoch())
            .putLong(position.seq())
            .array());
  }

  /** A client that invents device ids must not fill the disk: beyond the bound the least advanced device goes. */
  private static void makeRoom(Commit commit, byte[] key) throws RocksDBException {
    long userId = ByteBuffer.wrap(key).getLong();
    int devices = 0;
    byte[] least = key;
    long leastSeq = Long.MAX_VALUE;
    try (Database.Scan scan =
        commit.database().scan(Family.POSITIONS, Keys.ofLong(userId), Keys.ofLong(userId + 1))) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        AcknowledgedPosition position = decode(scan.value());
        long seq = position.epoch() == commit.epoch() ? position.seq() : -1;
        devices++;
        if (seq < leastSeq) {
          leastSeq = seq;
          least = scan.key();
        }
      }
    }
    if (devices >= MAX_DEVICES) {
      commit.delete(Family.POSITIONS, least);
    }
  }

  @Override
  public CompletableFuture<AcknowledgedPosition> acknowledged(long userId, String deviceId) {
    return reads.submit(database -> {
      byte[] own = deviceId.isEmpty()
          ? null
          : database.get(Family.POSITIONS, Keys.position(userId, deviceId));
      return own != null ? decode(own) : highest(database, userId);
    });
  }

  private AcknowledgedPosition highest(Database database, long userId) throws RocksDBException {
    long epoch = committer.epoch();
    AcknowledgedPosition highest = AcknowledgedPosition.NONE;
    try (Database.Scan scan =
        database.scan(Family.POSITIONS, Keys.ofLong(userId), Keys.ofLong(userId + 1))) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        AcknowledgedPosition position = decode(scan.value());
        boolean current = position.epoch() == epoch;
        boolean highestIsCurrent = highest.epoch() == epoch;
        if (current == highestIsCurrent ? position.seq() > highest.seq() : current) {
          highest = position;
        }
      }
    }
    return highest;
  }

  static AcknowledgedPosition decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new AcknowledgedPosition(in.getLong(), in.getLong());
  }
}

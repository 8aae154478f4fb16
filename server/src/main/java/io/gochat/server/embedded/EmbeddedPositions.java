package io.gochat.server.embedded;

import io.gochat.server.messaging.PositionStore;
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
      merge(commit, userId, Keys.position(userId, deviceId), epoch, seq);
      return true;
    });
    committer.submit(write);
    return write.result().thenAccept(done -> {});
  }

  private static void merge(Commit commit, long userId, byte[] key, long epoch, long seq)
      throws RocksDBException {
    StagedRows rows = commit.rows();
    byte[] value = rows.get(Family.POSITIONS, key);
    StoredPosition stored = value == null ? null : StoredPosition.decode(value);
    boolean counts = stored != null && stored.counts(rows.database(), userId, commit.epoch());
    boolean overtaken = epoch != commit.epoch();
    if (stored != null && (counts || stored.epoch() == epoch)) {
      // An acknowledgement that an epoch change overtook must not replace one that counts now.
      boolean further = !(counts && overtaken) && seq > stored.seq();
      if (!further && stored.epoch() == commit.epoch()) {
        return;
      }
      put(commit, userId, key, counts ? commit.epoch() : epoch, further ? seq : stored.seq());
      return;
    }
    if (stored == null) {
      makeRoom(commit, userId, key);
    }
    put(commit, userId, key, epoch, seq);
  }

  private static void put(Commit commit, long userId, byte[] key, long epoch, long seq)
      throws RocksDBException {
    StoredPosition position = epoch == commit.epoch()
        ? StoredPosition.at(commit.rows().database(), userId, epoch, seq)
        : new StoredPosition(epoch, seq, 0);
    commit.rows().put(Family.POSITIONS, key, position.encode());
    if (epoch == commit.epoch()) {
      commit.acknowledged(userId, seq);
    }
  }

  /** A client that invents device ids must not fill the disk: beyond the bound the least advanced device goes. */
  private static void makeRoom(Commit commit, long userId, byte[] key) throws RocksDBException {
    int devices = 0;
    byte[] least = key;
    long leastSeq = Long.MAX_VALUE;
    Database database = commit.rows().database();
    try (Database.Scan scan =
        database.scan(Family.POSITIONS, Keys.ofLong(userId), Keys.ofLong(userId + 1))) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        StoredPosition position = StoredPosition.decode(scan.value());
        long seq = position.epoch() == commit.epoch() ? position.seq() : -1;
        devices++;
        if (seq < leastSeq) {
          leastSeq = seq;
          least = scan.key();
        }
      }
    }
    if (devices >= MAX_DEVICES) {
      commit.rows().delete(Family.POSITIONS, least);
    }
  }

  @Override
  public CompletableFuture<AcknowledgedPosition> acknowledged(long userId, String deviceId) {
    return reads.lookUp(database -> {
      byte[] own = deviceId.isEmpty()
          ? null
          : database.get(Family.POSITIONS, Keys.position(userId, deviceId));
      long epoch = committer.epoch();
      return own != null
          ? StoredPosition.decode(own).asOf(database, userId, epoch)
          : StoredPosition.highest(database, userId, epoch);
    });
  }
}

package io.gochat.server.embedded;

import io.gochat.protocol.Limits;
import java.security.SecureRandom;
import java.time.Duration;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * What the committer knows of the open database: epoch, id blocks, client message ids. The epoch may be read by any
 * thread; the rest is confined to the committer thread.
 */
final class StoreState {
  /** Message ids are reserved this many at a time, with a synced write. */
  private static final long ID_BLOCK = 100_000;

  private final Database database;
  private final long epoch;
  private final Idempotency idempotency;
  private final long endOfOutbox;
  private long nextMessageId;
  private long messageIdsReserved;

  private StoreState(
      Database database, long epoch, long reserved, long endOfOutbox, Idempotency idempotency) {
    this.database = database;
    this.endOfOutbox = endOfOutbox;
    this.epoch = epoch;
    this.idempotency = idempotency;
    // Whatever the last owner took from its block, given out or not, is never given out again.
    this.nextMessageId = Math.max(1, reserved);
    this.messageIdsReserved = Math.max(1, reserved);
  }

  /**
   * Reads it from disk, and writes that the store is in use now: without a clean stop, the next start will know.
   *
   * @param newEpoch sequences might be used again
   */
  static StoreState load(
      Database database, Durability durability, Duration dedupeWindow, boolean newEpoch)
      throws RocksDBException {
    long epoch = Meta.EPOCH.get(database);
    try (WriteBatch batch = new WriteBatch()) {
      if (epoch == 0 || newEpoch) {
        epoch = otherThan(epoch);
        raiseIds(database, batch);
      }
      Meta.FORMAT.put(database, batch, StoreDirectory.FORMAT);
      Meta.EPOCH.put(database, batch, epoch);
      Meta.CLEAN_STOP.put(database, batch, 0);
      Meta.LAST_DURABILITY.put(database, batch, durability.code());
      database.write(batch, true);
    }
    return new StoreState(
        database,
        epoch,
        Meta.MESSAGE_IDS_RESERVED.get(database),
        endOfOutbox(database),
        Idempotency.load(database, dedupeWindow));
  }

  /**
   * What was given out after the copy or the crash that made this epoch is given out no second time, and two copies of
   * one store, or a store that was begun anew, do not give out the same: a message is known by its id in any epoch.
   */
  private static void raiseIds(Database database, WriteBatch batch) throws RocksDBException {
    SecureRandom random = new SecureRandom();
    long messageIds = Meta.MESSAGE_IDS_RESERVED.get(database);
    Meta.MESSAGE_IDS_RESERVED.put(database, batch, messageIds + raise(random));
    boolean isNew = Meta.FORMAT.get(database) == 0;
    if (!isNew) {
      long userIds = Meta.LAST_USER_ID.get(database);
      Meta.LAST_USER_ID.put(database, batch, userIds + raise(random));
    }
  }

  private static long raise(SecureRandom random) {
    return (1L << 32) + random.nextLong(1L << 32);
  }

  private static long otherThan(long epoch) {
    SecureRandom random = new SecureRandom();
    long other;
    do {
      other = random.nextLong() & Limits.MAX_ID;
    } while (other == 0 || other == epoch);
    return other;
  }

  /** Whether the last run may have lost what it had accepted: it was asynchronous and did not stop cleanly. */
  static boolean mayHaveLost(Database database) throws RocksDBException {
    return Meta.EPOCH.get(database) != 0
        && Meta.CLEAN_STOP.get(database) == 0
        && Meta.LAST_DURABILITY.get(database) == Durability.ASYNC.code();
  }

  private static long endOfOutbox(Database database) throws RocksDBException {
    byte[] value = database.get(Family.WEBHOOKS, OutboxKeys.END);
    return value == null ? 0 : Keys.toLong(value);
  }

  /** The position of the newest record in the outbox, when the store was opened. */
  long endOfOutbox() {
    return endOfOutbox;
  }

  Database database() {
    return database;
  }

  long epoch() {
    return epoch;
  }

  Idempotency idempotency() {
    return idempotency;
  }

  /** What was given out before is less. */
  long nextMessageId() {
    return nextMessageId;
  }

  /** A message id that nobody has; reserves the next block with the commit when this one is used up. */
  long nextMessageId(StagedRows rows) throws RocksDBException {
    if (nextMessageId == messageIdsReserved) {
      messageIdsReserved += ID_BLOCK;
      Meta.MESSAGE_IDS_RESERVED.put(database, rows.batch(), messageIdsReserved);
      rows.mustSync();
    }
    return nextMessageId++;
  }
}

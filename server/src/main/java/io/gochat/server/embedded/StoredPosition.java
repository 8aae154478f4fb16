package io.gochat.server.embedded;

import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import io.gochat.server.messaging.Topic;
import java.nio.ByteBuffer;
import org.rocksdb.RocksDBException;

/**
 * An acknowledged position as it is stored. Immutable.
 *
 * @param epoch in which it was acknowledged
 * @param seq everything up to here
 * @param messageId of that sequence; 0: not known
 */
record StoredPosition(long epoch, long seq, long messageId) {
  private static final int WITHOUT_ID_BYTES = 2 * Long.BYTES;

  /** The first format knew no ids. */
  static StoredPosition decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new StoredPosition(
        in.getLong(), in.getLong(), value.length == WITHOUT_ID_BYTES ? 0 : in.getLong());
  }

  byte[] encode() {
    return ByteBuffer.allocate(3 * Long.BYTES)
        .putLong(epoch)
        .putLong(seq)
        .putLong(messageId)
        .array();
  }

  /** With the id of the message that is at {@code seq} of the user's inbox. */
  static StoredPosition at(Database database, long userId, long epoch, long seq)
      throws RocksDBException {
    return new StoredPosition(epoch, seq, messageId(database, userId, seq));
  }

  /** Whether everything up to it is still what was acknowledged, now that {@code inForce} counts. */
  boolean counts(Database database, long userId, long inForce) throws RocksDBException {
    return epoch == inForce || (messageId != 0 && messageId == messageId(database, userId, seq));
  }

  /** As callers see it. */
  AcknowledgedPosition asOf(Database database, long userId, long inForce) throws RocksDBException {
    return new AcknowledgedPosition(counts(database, userId, inForce) ? inForce : epoch, seq);
  }

  /** Of all devices of the user; one that counts in {@code epoch} goes before one that does not. */
  static AcknowledgedPosition highest(Database database, long userId, long epoch)
      throws RocksDBException {
    AcknowledgedPosition highest = AcknowledgedPosition.NONE;
    try (Database.Scan scan =
        database.scan(Family.POSITIONS, Keys.ofLong(userId), Keys.ofLong(userId + 1))) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        AcknowledgedPosition position = decode(scan.value()).asOf(database, userId, epoch);
        boolean current = position.epoch() == epoch;
        boolean highestIsCurrent = highest.epoch() == epoch;
        if (current == highestIsCurrent ? position.seq() > highest.seq() : current) {
          highest = position;
        }
      }
    }
    return highest;
  }

  /** 0: that message is not retained. */
  private static long messageId(Database database, long userId, long seq) throws RocksDBException {
    byte[] value =
        seq == 0 ? null : database.get(Family.MESSAGES, Keys.message(Topic.inbox(userId), seq));
    try {
      return value == null ? 0 : MessageCodec.messageId(MessageCodec.stored(value));
    } catch (MessageCodec.UnreadableMessageException e) {
      return 0; // as good as lost
    }
  }
}

package io.gochat.server.embedded;

import io.gochat.protocol.Limits;
import io.gochat.server.session.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From the first format to the second: acknowledged positions get the ids of their messages, sessions are listed by their
 * users, and the families that came since are made. Stateless; one thread.
 *
 * <p>First the file says that the directory is of the new format, so that no older version opens what is half done; then
 * rows are changed, any number of times to the same end; then the database says that it is done. Wherever that is cut off,
 * the next start goes on.
 */
final class FormatStep {
  private static final Logger log = LoggerFactory.getLogger(FormatStep.class);
  private static final int BATCH_BYTES = 1 << 20;

  private FormatStep() {}

  /** Before the database is opened: from here on only this version and later ones will. */
  static void begin(StoreDirectory directory) throws IOException {
    int format = directory.format();
    if (format >= 1 && format < StoreDirectory.FORMAT) {
      directory.markCreated();
      log.warn(
          "the data directory {} is brought from format {} to {}; earlier versions refuse it from now on. To go back to"
              + " one, restore a backup from before",
          directory.root(),
          format,
          StoreDirectory.FORMAT);
    }
  }

  /** Brings the rows to the new format, if they are not. */
  static void finish(Database database) throws RocksDBException {
    long format = Meta.FORMAT.get(database);
    if (format == 0 || format >= StoreDirectory.FORMAT) {
      return; // empty, or done
    }
    nameMessages(database, Meta.EPOCH.get(database));
    listSessions(database);
    try (WriteBatch batch = new WriteBatch()) {
      Meta.FORMAT.put(database, batch, StoreDirectory.FORMAT);
      database.write(batch, true);
    }
  }

  /** Positions of {@code epoch}, which is still in force. */
  private static void nameMessages(Database database, long epoch) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch();
        Database.Scan scan =
            database.scan(Family.POSITIONS, Keys.ofLong(0), Keys.ofLong(Limits.MAX_ID + 1))) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        StoredPosition position = StoredPosition.decode(scan.value());
        if (position.epoch() == epoch && position.messageId() == 0) {
          long userId = Keys.toLong(scan.key());
          StoredPosition named = StoredPosition.at(database, userId, epoch, position.seq());
          batch.put(database.handle(Family.POSITIONS), scan.key(), named.encode());
        }
        if (batch.getDataSize() > BATCH_BYTES) {
          database.write(batch, false);
          batch.clear();
        }
      }
      database.write(batch, true);
    }
  }

  private static void listSessions(Database database) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch();
        Database.Scan scan =
            database.scan(Family.SESSIONS, new byte[0], new byte[] {SessionRows.OF_USER})) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        String id = new String(scan.key(), StandardCharsets.UTF_8);
        Session session = SessionRows.decode(id, scan.value());
        batch.put(
            database.handle(Family.SESSIONS),
            SessionRows.ofUser(session.userId(), id),
            Keys.ofLong(session.expiresAtMs()));
        if (batch.getDataSize() > BATCH_BYTES) {
          database.write(batch, false);
          batch.clear();
        }
      }
      database.write(batch, true);
    }
  }
}

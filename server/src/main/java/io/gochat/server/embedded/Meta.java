package io.gochat.server.embedded;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** The names in {@link Family#META}; each holds one 64-bit number. */
enum Meta {
  /** The layout of the data; see {@link StoreDirectory#FORMAT}. */
  FORMAT,
  /** The epoch in force. */
  EPOCH,
  /** Message ids below this were given out or may have been. */
  MESSAGE_IDS_RESERVED,
  /** The newest user id. */
  LAST_USER_ID,
  /** 1: the last run stopped cleanly; 0: it is running, or it did not. */
  CLEAN_STOP,
  /** The {@link Durability} of the last run, as its code. */
  LAST_DURABILITY,
  /** How far trusted time had got, about a minute ago; Unix time in milliseconds. */
  TRUSTED_MS;

  byte[] key() {
    return name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
  }

  /** What is stored by this name; 0: nothing. */
  long get(Database database) throws RocksDBException {
    byte[] value = database.get(Family.META, key());
    return value == null ? 0 : Keys.toLong(value);
  }

  void put(Database database, WriteBatch batch, long value) throws RocksDBException {
    batch.put(database.handle(Family.META), key(), Keys.ofLong(value));
  }
}

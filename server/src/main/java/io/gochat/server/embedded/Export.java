package io.gochat.server.embedded;

import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.gochat.server.store.StoreImport;
import io.gochat.server.store.StoreImport.Answered;
import io.gochat.server.store.StoreImport.Imported;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;

/**
 * Walks through everything in a store that is not running, so that it can be moved elsewhere. The store is opened, and
 * its damage noticed, as a start would, and held until {@link #close}; what is in it stays as it is. Not thread-safe.
 */
public final class Export implements AutoCloseable {
  private static final byte[] LAST_TOPIC = {2};

  private final StoreDirectory directory;
  private final OpenStore store;
  private final long epoch;
  private long accounts;
  private long sessions;
  private long topics;
  private long messages;

  private Export(StoreDirectory directory, OpenStore store, long epoch) {
    this.directory = directory;
    this.store = store;
    this.epoch = epoch;
  }

  /**
   * Opens the store.
   *
   * @throws StoreOpenException when it is in use or damaged, or there is none
   */
  public static Export open(Path dataDirectory) throws StoreOpenException {
    StoreDirectory directory = StoreDirectory.openExisting(dataDirectory, "to move");
    OpenStore store = new OpenStore();
    try {
      NativeLibrary.load(directory.root());
      StoreState state =
          Opening.open(directory, EmbeddedOptions.of(dataDirectory), store).state();
      return new Export(directory, store, state.epoch());
    } catch (RocksDBException | IOException e) {
      directory.close();
      throw Opening.refusal(directory, e);
    }
  }

  /**
   * Hands everything over; once.
   *
   * @return how much there was
   * @throws IOException when the target refuses, or what is stored cannot be read
   */
  public Imported to(StoreImport target) throws IOException {
    try {
      return store.read(database -> {
        walk(database, target);
        return new Imported(accounts, sessions, topics, messages);
      });
    } catch (RocksDBException e) {
      throw Opening.refusal(directory, e);
    }
  }

  @Override
  public void close() {
    store.close();
    directory.close();
  }

  private void walk(Database database, StoreImport target) throws RocksDBException, IOException {
    target.counters(
        epoch,
        Math.max(1, Meta.MESSAGE_IDS_RESERVED.get(database)),
        Meta.LAST_USER_ID.get(database));
    each(database, Family.ACCOUNTS, Keys.ofLong(0), Keys.ofLong(Long.MAX_VALUE), (key, value) -> {
      String name = text(EmbeddedAccounts.key(value));
      accounts++;
      target.account(EmbeddedAccounts.decode(Keys.toLong(key), value), name);
    });
    each(database, Family.SESSIONS, new byte[0], new byte[] {SessionRows.OF_USER}, (key, value) -> {
      sessions++;
      target.session(SessionRows.decode(text(key), value));
    });
    each(database, Family.TOPICS, new byte[0], LAST_TOPIC, (key, value) -> {
      Topic topic = Keys.toTopic(key);
      // That of a topic with messages comes with them.
      StoredTopic bounds = StoredTopic.read(database, topic);
      if (bounds.lastSeq() < bounds.firstSeq()) {
        topics++;
        target.topic(topic, bounds.lastSeq());
      }
    });
    messages(database, target);
    each(
        database,
        Family.IDEMPOTENCY,
        Keys.ofLong(0),
        Keys.ofLong(Long.MAX_VALUE),
        (key, value) -> target.answered(answered(key, value)));
    each(
        database,
        Family.POSITIONS,
        Keys.ofLong(0),
        Keys.ofLong(Long.MAX_VALUE),
        (key, value) -> target.position(
            Keys.toLong(key),
            new String(key, Long.BYTES, key.length - Long.BYTES, StandardCharsets.UTF_8),
            StoredPosition.decode(value).asOf(database, Keys.toLong(key), epoch)));
  }

  private void messages(Database database, StoreImport target)
      throws RocksDBException, IOException {
    Topic[] current = {null};
    each(database, Family.MESSAGES, new byte[0], LAST_TOPIC, (key, value) -> {
      Topic topic = Keys.toTopic(key);
      if (!topic.equals(current[0])) {
        current[0] = topic;
        topics++;
        target.topic(topic, StoredTopic.read(database, topic).lastSeq());
      }
      byte[] message = MessageCodec.stored(value);
      messages++;
      target.message(
          topic,
          new LoggedMessage(Keys.toSeq(key), MessageCodec.messageId(message), message),
          MessageCodec.createdAtMs(message));
    });
  }

  private static Answered answered(byte[] key, byte[] value) {
    ByteBuffer name = ByteBuffer.wrap(key).position(Long.BYTES); // after the generation
    long fromUserId = name.getLong();
    byte[] topic = new byte[Keys.TOPIC_BYTES];
    name.get(topic);
    ByteBuffer answer = ByteBuffer.wrap(value);
    long messageId = answer.getLong();
    long seq = answer.getLong();
    long createdAtMs = answer.getLong();
    byte[] hash = new byte[2 * Long.BYTES];
    answer.get(hash);
    return new Answered(
        fromUserId,
        Keys.toTopic(topic),
        StandardCharsets.UTF_8.decode(name).toString(),
        messageId,
        seq,
        createdAtMs,
        hash);
  }

  private interface Row {
    void of(byte[] key, byte[] value) throws RocksDBException, IOException;
  }

  private static void each(Database database, Family family, byte[] from, byte[] below, Row row)
      throws RocksDBException, IOException {
    try (Database.Scan scan = database.scan(family, from, below)) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        row.of(scan.key(), scan.value());
      }
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}

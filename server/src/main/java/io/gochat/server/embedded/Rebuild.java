package io.gochat.server.embedded;

import io.gochat.protocol.Message;
import io.gochat.server.messaging.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Makes a consistent database of rows that were salvaged. Confined to one thread.
 *
 * <ul>
 *   <li>Messages of a topic with holes are numbered anew without them; the epoch changes, so nobody mistakes them.
 *   <li>A client message id stays only if its message did, or was trimmed in its time: never a false "duplicate".
 *   <li>Accounts bring their index with them; user ids and message ids go on well beyond every one that was seen.
 *   <li>Sessions go; tokens of elsewhere that were revoked stay so.
 * </ul>
 */
final class Rebuild {
  private static final byte[] FIRST = {};
  private static final byte[] END = {(byte) 0xff, (byte) 0xff};
  private static final int BATCH_BYTES = 1 << 20;

  private final Database from;
  private final Database to;
  private final Consumer<String> report;
  private final WriteBatch batch = new WriteBatch();
  /** Messages that got another sequence: message id → sequence. */
  private final Map<Long, Long> renumbered = new HashMap<>();

  private long messages;
  private long missing;
  private long accounts;
  private long highestMessageId;
  private long highestUserId;

  Rebuild(Database from, Database to, Consumer<String> report) {
    this.from = from;
    this.to = to;
    this.report = report;
  }

  void run() throws RocksDBException, IOException {
    try (batch) {
      keepMessages();
      keepAccounts();
      keepClientMessageIds();
      keepPositions();
      keepRevocations();
      keepOutbox();
      keepMeta();
      flushBatch();
    }
    report.accept("Kept " + messages + " messages and " + accounts + " accounts.");
    report.accept(
        missing == 0
            ? "No hole was found between the messages that are left."
            : "LOST: " + missing
                + " messages between those that are left; these are numbered anew.");
    report.accept("All sessions were ended: everybody logs in again. The epoch is a new one.");
  }

  private void keepMessages() throws RocksDBException, IOException {
    try (Database.Scan scan = from.scan(Family.TOPICS, FIRST, END)) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        put(Family.TOPICS, scan.key(), scan.value());
      }
    }
    try (Database.Scan scan = from.scan(Family.MESSAGES, FIRST, END)) {
      @Nullable Topic topic = null;
      long nextSeq = 0;
      long expectedSeq = 0;
      for (boolean more = scan.first(); more; more = scan.next()) {
        byte[] key = scan.key();
        if (key.length != Keys.MESSAGE_BYTES) {
          continue;
        }
        Topic current = Keys.toTopic(key);
        long seq = Keys.toSeq(key);
        if (seq < firstSeq(current)) {
          continue; // trimmed; its deletion is not among what was salvaged
        }
        if (topic == null || !topic.equals(current)) {
          topic = current;
          nextSeq = seq;
          expectedSeq = seq;
          startAt(current, seq);
        }
        missing += seq - expectedSeq;
        expectedSeq = seq + 1;
        if (keepMessage(current, seq, nextSeq, scan.value())) {
          nextSeq++;
        }
      }
    }
  }

  private long firstSeq(Topic topic) throws RocksDBException {
    byte[] value = from.get(Family.TOPICS, Keys.topic(topic));
    return value == null ? 1 : Keys.toLong(value);
  }

  /** What is missing before the first message that is left counts as trimmed. */
  private void startAt(Topic topic, long seq) throws RocksDBException {
    missing += seq - firstSeq(topic);
    if (seq > 1) {
      put(Family.TOPICS, Keys.topic(topic), Keys.ofLong(seq));
    }
  }

  private boolean keepMessage(Topic topic, long seq, long newSeq, byte[] value)
      throws RocksDBException {
    Message message;
    try {
      message = Message.parseFrom(MessageCodec.stored(value));
    } catch (IOException e) {
      report.accept("LOST: message " + seq + " of " + topic + ": " + e.getMessage());
      return false;
    }
    byte[] kept = value;
    if (seq != newSeq) {
      byte[] bytes = message.toBuilder().setSeq(newSeq).build().toByteArray();
      kept = ByteBuffer.allocate(bytes.length + 1)
          .put(MessageCodec.STORED_FORMAT)
          .put(bytes)
          .array();
      renumbered.put(message.getMessageId(), newSeq);
    }
    put(Family.MESSAGES, Keys.message(topic, newSeq), kept);
    messages++;
    highestMessageId = Math.max(highestMessageId, message.getMessageId());
    highestUserId = Math.max(highestUserId, message.getFromUserId());
    if (topic.isInbox()) {
      highestUserId = Math.max(highestUserId, topic.id());
    }
    return true;
  }

  private void keepAccounts() throws RocksDBException, IOException {
    try (Database.Scan scan = from.scan(Family.ACCOUNTS, FIRST, END)) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        put(Family.ACCOUNTS, scan.key(), scan.value());
        put(Family.ACCOUNT_KEYS, EmbeddedAccounts.key(scan.value()), scan.key());
        highestUserId = Math.max(highestUserId, Keys.toLong(scan.key()));
        accounts++;
      }
    }
  }

  /** Keys are (generation, sender, topic, client message id); values begin with message id and sequence. */
  private void keepClientMessageIds() throws RocksDBException, IOException {
    flushBatch();
    try (Database.Scan scan = from.scan(Family.IDEMPOTENCY, FIRST, END)) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        byte[] key = scan.key();
        ByteBuffer value = ByteBuffer.wrap(scan.value());
        long messageId = value.getLong(0);
        byte[] topicKey = Arrays.copyOfRange(key, 16, 16 + Keys.TOPIC_BYTES);
        Topic topic = Keys.toTopic(topicKey);
        long seq = renumbered.getOrDefault(messageId, value.getLong(8));
        if (seq < firstSeq(topic) || isStored(topic, seq, messageId)) {
          value.putLong(8, seq);
          put(Family.IDEMPOTENCY, key, value.array());
        }
      }
    }
  }

  private boolean isStored(Topic topic, long seq, long messageId)
      throws RocksDBException, IOException {
    byte[] stored = to.get(Family.MESSAGES, Keys.message(topic, seq));
    return stored != null && MessageCodec.messageId(MessageCodec.stored(stored)) == messageId;
  }

  /** By the message that they end with: where that went, they go along, and count in the new epoch. */
  private void keepPositions() throws RocksDBException {
    long epoch = Meta.EPOCH.get(from);
    try (Database.Scan scan = from.scan(Family.POSITIONS, FIRST, END)) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        StoredPosition position = StoredPosition.decode(scan.value());
        if (position.epoch() == epoch && position.messageId() == 0) {
          position = StoredPosition.at(from, Keys.toLong(scan.key()), epoch, position.seq());
        }
        long seq = renumbered.getOrDefault(position.messageId(), position.seq());
        put(
            Family.POSITIONS,
            scan.key(),
            new StoredPosition(position.epoch(), seq, position.messageId()).encode());
      }
    }
  }

  private void keepRevocations() throws RocksDBException {
    try (Database.Scan scan =
        from.scan(Family.SESSIONS, SessionRows.FIRST_EXTERNAL, SessionRows.BEHIND_EXTERNAL)) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        put(Family.SESSIONS, scan.key(), scan.value());
      }
    }
  }

  /** What others were not told yet; no position is used again, also when the end of the outbox cannot be read. */
  private void keepOutbox() throws RocksDBException {
    long end = 0;
    try (Database.Scan scan = from.scan(Family.WEBHOOKS, FIRST, END)) {
      for (boolean more = scan.first(); more; more = scan.next()) {
        end = Math.max(end, OutboxKeys.positionIn(scan.key(), scan.value()));
        put(Family.WEBHOOKS, scan.key(), scan.value());
      }
    }
    if (end > 0) {
      put(Family.WEBHOOKS, OutboxKeys.END, Keys.ofLong(end));
    }
  }

  /** No epoch is written: the next start gives a new one, and raises the ids. */
  private void keepMeta() throws RocksDBException {
    long reserved = Math.max(Meta.MESSAGE_IDS_RESERVED.get(from), highestMessageId + 1);
    long lastUserId = Math.max(Meta.LAST_USER_ID.get(from), highestUserId);
    Meta.FORMAT.put(to, batch, StoreDirectory.FORMAT);
    Meta.MESSAGE_IDS_RESERVED.put(to, batch, reserved);
    Meta.LAST_USER_ID.put(to, batch, lastUserId);
    Meta.TRUSTED_MS.put(to, batch, Meta.TRUSTED_MS.get(from));
    Meta.CLEAN_STOP.put(to, batch, 1);
  }

  private void put(Family family, byte[] key, byte[] value) throws RocksDBException {
    batch.put(to.handle(family), key, value);
    if (batch.getDataSize() > BATCH_BYTES) {
      flushBatch();
    }
  }

  private void flushBatch() throws RocksDBException {
    to.write(batch, false);
    batch.clear();
  }
}

package io.gochat.server.embedded;

import io.gochat.server.messaging.Publication;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The client message ids of the last window, each with its answer. Confined to the committer thread.
 *
 * <p>Keys begin with their <em>generation</em>, the time at which a span of one window began: a look-up asks two or
 * three generations, newest first, and a generation that lies wholly before the window goes in one range.
 */
final class Idempotency {
  private static final int VALUE_BYTES = 5 * Long.BYTES;
  // Generation, sender, topic, and 64 code points of UTF-8.
  private static final int MAX_KEY_BYTES = 8 + 8 + Keys.TOPIC_BYTES + 64 * 4;

  private final long windowMs;
  /** When each generation began, newest first. */
  private final List<Long> generations;

  private final MessageDigest digest = sha256();
  private final ByteBuffer key = ByteBuffer.allocateDirect(MAX_KEY_BYTES);
  private final ByteBuffer value = ByteBuffer.allocateDirect(VALUE_BYTES);

  private Idempotency(long windowMs, List<Long> generations) {
    this.windowMs = windowMs;
    this.generations = generations;
  }

  static Idempotency load(Database database, Duration window) throws RocksDBException {
    List<Long> generations = new ArrayList<>();
    byte[] end = Keys.ofLong(Long.MAX_VALUE);
    try (Database.Scan scan = database.scan(Family.IDEMPOTENCY, Keys.ofLong(0), end)) {
      for (boolean more = scan.first(); more; ) {
        long generation = Keys.toLong(scan.key());
        generations.add(0, generation);
        more = scan.seek(Keys.ofLong(generation + 1));
      }
    }
    return new Idempotency(window.toMillis(), generations);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** What is compared when a client message id comes again: 128 bits of SHA-256. */
  TextHash hash(byte[] text) {
    ByteBuffer whole = ByteBuffer.wrap(digest.digest(text));
    return new TextHash(whole.getLong(), whole.getLong());
  }

  /** What was answered to this client message id within the window; null: nothing. */
  @Nullable
  Answered find(StagedRows rows, Publication publication, byte[] clientMessageId)
      throws RocksDBException {
    long oldest = rows.nowMs() - windowMs;
    for (int i = 0; i < generations.size(); i++) {
      // A generation ends where the next newer one begins.
      if (i > 0 && generations.get(i - 1) <= oldest) {
        break;
      }
      fillKey(generations.get(i), publication, clientMessageId);
      value.clear();
      if (rows.database().get(Family.IDEMPOTENCY, key, value) == VALUE_BYTES) {
        long messageId = value.getLong();
        long seq = value.getLong();
        long createdAtMs = value.getLong();
        if (createdAtMs > oldest) {
          return new Answered(messageId, seq, new TextHash(value.getLong(), value.getLong()));
        }
      }
    }
    return null;
  }

  /** Remembers the answer, with the message and in the same write. */
  void remember(StagedRows rows, Publication publication, byte[] clientMessageId, Answered answered)
      throws RocksDBException {
    fillKey(currentGeneration(rows), publication, clientMessageId);
    value.clear();
    value
        .putLong(answered.messageId())
        .putLong(answered.seq())
        .putLong(Math.max(rows.nowMs(), generations.get(0))) // also by a clock that was set back
        .putLong(answered.text().high())
        .putLong(answered.text().low())
        .flip();
    rows.putUnseen(Family.IDEMPOTENCY, key, value);
  }

  private long currentGeneration(StagedRows rows) throws RocksDBException {
    long nowMs = rows.nowMs();
    if (generations.isEmpty()
        || (rows.isClockTrusted() && nowMs >= generations.get(0) + windowMs)) {
      generations.add(0, nowMs);
      dropExpired(rows);
    }
    return generations.get(0);
  }

  /** Deletes what lies wholly before the window, if the clock can be trusted. */
  void dropExpired(StagedRows rows) throws RocksDBException {
    if (!rows.isClockTrusted()) {
      return;
    }
    long oldest = rows.nowMs() - windowMs;
    for (int i = generations.size() - 1; i > 0 && generations.get(i - 1) <= oldest; i--) {
      rows.deleteRange(
          Family.IDEMPOTENCY, Keys.ofLong(generations.get(i)), Keys.ofLong(generations.get(i) + 1));
      generations.remove(i);
    }
  }

  private void fillKey(long generation, Publication publication, byte[] clientMessageId) {
    key.clear();
    key.putLong(generation).putLong(publication.fromUserId());
    Keys.putTopic(key, publication.topic());
    key.put(clientMessageId).flip();
  }

  static byte[] bytes(String clientMessageId) {
    return clientMessageId.getBytes(StandardCharsets.UTF_8);
  }

  /** 128 bits of the SHA-256 of a text. */
  record TextHash(long high, long low) {}

  /**
   * The first answer.
   *
   * @param text that was published
   */
  record Answered(long messageId, long seq, TextHash text) {}
}

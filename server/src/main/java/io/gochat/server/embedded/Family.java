package io.gochat.server.embedded;

import java.nio.charset.StandardCharsets;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;

/**
 * The column families. Their order is their id on disk: append, never reorder.
 *
 * <ul>
 *   <li>{@code META}: names of {@link Meta} to their values
 *   <li>{@code ACCOUNT_KEYS}: key of the name → user id
 *   <li>{@code ACCOUNTS}: user id → account
 *   <li>{@code SESSIONS}: session id → session
 *   <li>{@code MESSAGES}: (topic, sequence) → format byte and serialized message
 *   <li>{@code TOPICS}: topic → first retained sequence, for topics that were trimmed; outlives the messages
 *   <li>{@code IDEMPOTENCY}: (generation, sender, topic, client message id) → what was answered
 *   <li>{@code POSITIONS}: (user, device) → acknowledged position, with the id of its message
 *   <li>{@code WEBHOOKS}: see {@link OutboxKeys}
 *   <li>{@code IDENTITIES}: nothing yet; it is here so that what will be in it needs no other format
 * </ul>
 */
enum Family {
  META("default", 1 << 20),
  ACCOUNT_KEYS("account-keys", 4 << 20),
  ACCOUNTS("accounts", 4 << 20),
  SESSIONS("sessions", 8 << 20),
  MESSAGES("messages", 64 << 20),
  TOPICS("topics", 4 << 20),
  IDEMPOTENCY("idempotency", 32 << 20),
  POSITIONS("positions", 8 << 20),
  WEBHOOKS("webhooks", 16 << 20),
  IDENTITIES("identities", 4 << 20);

  private final String familyName;
  private final long memtableBytes;

  Family(String familyName, long memtableBytes) {
    this.familyName = familyName;
    this.memtableBytes = memtableBytes;
  }

  byte[] nameBytes() {
    return familyName.getBytes(StandardCharsets.US_ASCII);
  }

  /** Sets what differs between families. */
  void configure(ColumnFamilyOptions options, long maxMemtableBytes) {
    options
        .setWriteBufferSize(Math.min(memtableBytes, maxMemtableBytes))
        .setMaxWriteBufferNumber(3)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        // Ranges in a memtable slow down all its reads; in a table they do not.
        .setMemtableMaxRangeDeletions(512);
    if (this == IDEMPOTENCY) {
      // Nearly every look-up finds nothing, and should find that out cheaply.
      options.setMemtablePrefixBloomSizeRatio(0.1).setMemtableWholeKeyFiltering(true);
    }
  }
}

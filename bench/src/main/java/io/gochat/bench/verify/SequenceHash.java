package io.gochat.bench.verify;

import io.gochat.bench.verify.RunHistory.Entry;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The fingerprint of a sequence of (seq, message_id): equal for two receivers only if they were handed the same. */
final class SequenceHash {
  private SequenceHash() {}

  /** The first 16 hex digits of SHA-256 over the pairs, in the given order. */
  static String of(List<Entry> entries) {
    MessageDigest digest = sha256();
    ByteBuffer pair = ByteBuffer.allocate(2 * Long.BYTES);
    for (Entry entry : entries) {
      pair.clear().putLong(entry.seq()).putLong(entry.messageId()).flip();
      digest.update(pair);
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

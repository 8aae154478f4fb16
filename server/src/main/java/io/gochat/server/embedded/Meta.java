package io.gochat.server.embedded;

import java.nio.charset.StandardCharsets;

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
    return name().toLowerCase(java.util.Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
  }
}

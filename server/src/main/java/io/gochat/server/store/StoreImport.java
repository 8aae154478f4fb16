package io.gochat.server.store;

import io.gochat.server.account.Account;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import java.io.IOException;

/** Where everything of another store goes. Called by one thread; each thing comes after the things before it in this list. */
public interface StoreImport {
  /** How far numbers were given out: ids from here on are free, and the newest user has this one. */
  void counters(long epoch, long nextMessageId, long lastUserId) throws IOException;

  /** An account, and the key under which its name is unique. */
  void account(Account account, String key) throws IOException;

  /** Somebody who is signed in, or was. */
  void session(Session session) throws IOException;

  /** How far a topic's sequences were given out; comes before its messages. */
  void topic(Topic topic, long lastSeq) throws IOException;

  /** A retained message of the topic that {@link #topic} was called with last; they come in order. */
  void message(Topic topic, LoggedMessage message, long createdAtMs) throws IOException;

  /** What a client message id was answered. */
  void answered(Answered answered) throws IOException;

  /** What a device has acknowledged; those of a user come one after the other. */
  void position(long userId, String deviceId, AcknowledgedPosition position) throws IOException;

  /**
   * What a client message id was answered.
   *
   * @param text the first 16 bytes of the SHA-256 of what was published
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answered(
      long fromUserId,
      Topic topic,
      String clientMessageId,
      long messageId,
      long seq,
      long createdAtMs,
      byte[] text) {}

  /** How much there was. */
  record Imported(long accounts, long sessions, long topics, long messages) {}
}

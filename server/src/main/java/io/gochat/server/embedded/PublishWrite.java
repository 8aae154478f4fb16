package io.gochat.server.embedded;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** A publish; threads as in {@link Write}. */
final class PublishWrite extends Write implements FirstPublish {
  static final int RETRY_AFTER_MS = 1_000;

  private final Publication publication;
  private final long queuedNanos = System.nanoTime();
  private final CompletableFuture<PublishResult> result = new CompletableFuture<>();
  private @Nullable PublishResult outcome;
  private Idempotency.@Nullable Answered answered;

  PublishWrite(Publication publication) {
    this.publication = publication;
  }

  /** When it was made, which is when it was queued. */
  long queuedNanos() {
    return queuedNanos;
  }

  CompletableFuture<PublishResult> result() {
    return result;
  }

  @Override
  int queuedBytes() {
    // The publication, its future and its place in the batch;
    // three bytes per char is the most that UTF-8 takes.
    return 256 + 3 * publication.text().length();
  }

  @Override
  void stage(Commit commit) throws RocksDBException {
    byte[] text = publication.text().getBytes(StandardCharsets.UTF_8);
    String clientMessageId = publication.clientMessageId();
    if (clientMessageId == null) {
      outcome = append(commit, text);
    } else {
      stageOnce(commit, text, clientMessageId);
    }
  }

  private void stageOnce(Commit commit, byte[] text, String clientMessageId)
      throws RocksDBException {
    Idempotency idempotency = commit.state().idempotency();
    Idempotency.TextHash hash = idempotency.hash(text);
    Key dedupeKey = new Key(publication.fromUserId(), publication.topic(), clientMessageId);
    FirstPublish first = commit.firstOf(dedupeKey, this);
    if (first != null) {
      outcome = first.answerTo(hash);
      return;
    }
    byte[] key = Idempotency.bytes(clientMessageId);
    answered = idempotency.find(commit.rows(), publication, key);
    if (answered != null) {
      outcome = repeated(answered, hash);
      return;
    }
    outcome = append(commit, text);
    if (outcome instanceof Accepted accepted) {
      answered = new Idempotency.Answered(accepted.messageId(), accepted.seq(), hash);
      idempotency.remember(commit.rows(), publication, key, answered);
    }
  }

  @Override
  public @Nullable PublishResult answerTo(Idempotency.TextHash text) {
    return answered == null ? outcome : repeated(answered, text);
  }

  private static PublishResult repeated(Idempotency.Answered answered, Idempotency.TextHash hash) {
    return answered.text().equals(hash)
        ? new Accepted(answered.messageId(), answered.seq(), true)
        : PublishResult.ID_REUSED;
  }

  private PublishResult append(Commit commit, byte[] text) throws RocksDBException {
    TopicTail tail = commit.tail(publication.topic());
    commit.makeRoom(tail);
    Refused refusal = commit.refusal(tail, publication);
    if (refusal != null) {
      return refusal;
    }
    long seq = tail.nextSeq();
    long messageId = commit.state().nextMessageId(commit.rows());
    byte[] bytes = MessageCodec.encode(
        publication, text, messageId, seq, tail.stamp(commit.rows().nowMs()));
    commit.countUnread(tail, publication.fromUserId());
    commit.append(tail, new LoggedMessage(seq, messageId, bytes));
    return new Accepted(messageId, seq, false);
  }

  @Override
  void committed() {
    if (outcome == null) {
      failed();
    } else {
      result.complete(outcome);
    }
  }

  @Override
  void failed() {
    result.complete(
        new Refused(ErrorKind.STORE_UNAVAILABLE, "the store is not available", RETRY_AFTER_MS));
  }

  @Override
  void refused(String detail, int retryAfterMs) {
    result.complete(new Refused(ErrorKind.OVERLOADED, detail, retryAfterMs));
  }
}

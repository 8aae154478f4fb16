package io.gochat.server.embedded;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.rocksdb.RocksDBException;

/** The topic logs in RocksDB. Thread-safe; what a tail says, or memory, is answered at once, the rest on the read threads. */
final class EmbeddedLog implements MessageLog {
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);
  private static final CompletableFuture<Long> NOTHING = CompletableFuture.completedFuture(0L);

  private final Committer committer;
  private final ReadThreads reads;
  private final DiskGuard disk;

  EmbeddedLog(Committer committer, ReadThreads reads, DiskGuard disk) {
    this.committer = committer;
    this.reads = reads;
    this.disk = disk;
  }

  @Override
  public CompletableFuture<PublishResult> publish(Publication publication) {
    if (disk.isFull()) {
      committer.meters().full();
      return CompletableFuture.completedFuture(new PublishResult.Refused(
          ErrorKind.OVERLOADED, "disk: no room for more messages", DiskGuard.RETRY_AFTER_MS));
    }
    String key = publication.clientMessageId();
    if (key != null && key.length() > 2 * Limits.MAX_CLIENT_MESSAGE_ID_CHARS) {
      return CompletableFuture.completedFuture(
          new PublishResult.Refused(ErrorKind.INVALID_ARGUMENT, "client_message_id: too long", 0));
    }
    PublishWrite write = new PublishWrite(publication);
    committer.submit(write);
    return write.result();
  }

  @Override
  public CompletableFuture<TopicState> state(Topic topic, long probeSeq) {
    TopicTail tail = committer.tails().cached(topic);
    if (tail != null && probeSeq == 0) {
      return CompletableFuture.completedFuture(
          new TopicState(tail.epoch(), tail.firstSeq(), tail.lastSeq(), 0));
    }
    return reads.lookUp(database -> readState(database, topic, probeSeq));
  }

  private TopicState readState(Database database, Topic topic, long probeSeq)
      throws RocksDBException, IOException {
    long epoch = committer.epoch();
    StoredTopic bounds = bounds(database, topic);
    long probed = 0;
    if (probeSeq >= bounds.firstSeq() && probeSeq <= bounds.lastSeq()) {
      byte[] value = database.get(Family.MESSAGES, Keys.message(topic, probeSeq));
      // Absent only when it was trimmed since the bounds were read.
      probed = value == null ? 0 : MessageCodec.messageId(MessageCodec.stored(value));
    }
    return new TopicState(epoch, bounds.firstSeq(), bounds.lastSeq(), probed);
  }

  /**
   * What is published. The database shows a commit a moment before its tail is published; whoever saw it there must
   * not be told less by the tail afterwards, so the tail decides wherever there is one.
   */
  private StoredTopic bounds(Database database, Topic topic) throws RocksDBException {
    TopicTail tail = committer.tails().cached(topic);
    if (tail == null) {
      StoredTopic stored = StoredTopic.read(database, topic);
      tail = committer.tails().cached(topic);
      if (tail == null) {
        return stored;
      }
    }
    long firstSeq =
        tail.firstSeq(); // before the last one: the window may only look larger than it is
    return new StoredTopic(firstSeq, tail.lastSeq());
  }

  @Override
  public CompletableFuture<LogSlice> read(
      Topic topic, long fromSeq, int maxMessages, int maxBytes) {
    return reads.walk(database -> readSlice(database, topic, fromSeq, maxMessages, maxBytes));
  }

  private LogSlice readSlice(
      Database database, Topic topic, long fromSeq, int maxMessages, int maxBytes)
      throws RocksDBException, IOException {
    long epoch = committer.epoch();
    // The end first: all that it covers is visible to the scan that is opened after it.
    StoredTopic bounds = bounds(database, topic);
    long start = Math.max(Math.max(1, fromSeq), bounds.firstSeq());
    if (start > bounds.lastSeq()) {
      return new LogSlice(epoch, bounds.firstSeq(), bounds.lastSeq(), List.of());
    }
    List<LoggedMessage> messages =
        readMessages(database, topic, start, bounds.lastSeq(), maxMessages, maxBytes);
    long found = messages.isEmpty() ? bounds.lastSeq() + 1 : messages.get(0).seq();
    long firstSeq = bounds.firstSeq();
    if (found > start) {
      // Trimmed in between, or lost; only the trimmed bound on the disk can tell.
      firstSeq = StoredTopic.read(database, topic).firstSeq();
      if (firstSeq < found) {
        throw new IOException(topic + " has a hole from " + start + " to " + (found - 1));
      }
      firstSeq = found;
    }
    return new LogSlice(epoch, firstSeq, bounds.lastSeq(), messages);
  }

  @Override
  public CompletableFuture<Long> keptUntil(Topic topic, long epoch) {
    long endOfIds = committer.pastEpochs().endOfIds(epoch);
    return endOfIds == 0 ? NOTHING : reads.lookUp(database -> lastBelow(database, topic, endOfIds));
  }

  /** The last message with an id below {@code endOfIds}; ids of a topic ascend. 0: none is retained. */
  private long lastBelow(Database database, Topic topic, long endOfIds)
      throws RocksDBException, IOException {
    StoredTopic bounds = bounds(database, topic);
    long below = bounds.firstSeq() - 1;
    long above = bounds.lastSeq() + 1;
    while (above - below > 1) {
      long middle = below + (above - below) / 2;
      byte[] value = database.get(Family.MESSAGES, Keys.message(topic, middle));
      boolean isBelow =
          value == null || MessageCodec.messageId(MessageCodec.stored(value)) < endOfIds;
      below = isBelow ? middle : below;
      above = isBelow ? above : middle;
    }
    return below < bounds.firstSeq() ? 0 : below;
  }

  private static List<LoggedMessage> readMessages(
      Database database, Topic topic, long start, long lastSeq, int maxMessages, int maxBytes)
      throws RocksDBException, IOException {
    List<LoggedMessage> messages = new ArrayList<>();
    long bytes = 0;
    try (Database.Scan scan = database.scan(
        Family.MESSAGES, Keys.message(topic, start), Keys.message(topic, lastSeq + 1))) {
      for (boolean more = scan.first(); more && messages.size() < maxMessages; more = scan.next()) {
        long seq = Keys.toSeq(scan.key());
        byte[] message = MessageCodec.stored(scan.value());
        bytes += message.length;
        if (!messages.isEmpty()) {
          if (seq != messages.get(messages.size() - 1).seq() + 1) {
            throw new IOException(topic + " has a hole before " + seq);
          }
          if (bytes > maxBytes) {
            break;
          }
        }
        messages.add(new LoggedMessage(seq, MessageCodec.messageId(message), message));
      }
    }
    return messages;
  }

  @Override
  public long epoch() {
    return committer.epoch();
  }

  @Override
  public void listener(CommitListener listener) {
    committer.listener(listener);
  }

  @Override
  public CompletableFuture<Void> watch(Topic topic) {
    return DONE; // every commit of this process is told
  }

  @Override
  public void unwatch(Topic topic) {}

  @Override
  public CompletableFuture<Void> dropHistory(Topic topic) {
    RowWrite<Boolean> write = new RowWrite<>(commit -> {
      TopicTail tail = commit.tail(topic);
      commit.rows().mustSync();
      commit.trim(tail, tail.nextSeq());
      return true;
    });
    committer.submit(write);
    return write.result().thenAccept(done -> {});
  }
}

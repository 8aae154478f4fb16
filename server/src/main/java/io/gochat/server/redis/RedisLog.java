package io.gochat.server.redis;

import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The topic logs in Redis: a stream per topic, whose entry ids are the sequences. Thread-safe. */
final class RedisLog implements MessageLog {
  private static final Script READ = Script.load("read");
  private static final Script STATE = Script.load("message_id", "state");

  private final RedisLink link;
  private final Committer committer;
  private final Continuity continuity;
  private final Watches watches;

  RedisLog(RedisLink link, Committer committer, Continuity continuity, Watches watches) {
    this.link = link;
    this.committer = committer;
    this.continuity = continuity;
    this.watches = watches;
  }

  @Override
  public CompletableFuture<PublishResult> publish(Publication publication) {
    return committer.publish(publication);
  }

  @Override
  public CompletableFuture<TopicState> state(Topic topic, long probeSeq) {
    return Failures.translated(continuity.compared(() -> stateNow(topic, probeSeq)));
  }

  private CompletionStage<TopicState> stateNow(Topic topic, long probeSeq) {
    // Before the question: an answer from after a change
    // of epoch must not be taken for one of the new.
    long epoch = continuity.epoch();
    return STATE.call(link.commands(), keys(topic), Keys.bytes(probeSeq)).thenApply(answer -> {
      byte[] probed = (byte[]) answer.get(2);
      byte[] lastId = (byte[]) answer.get(3);
      if (lastId.length > 0) {
        continuity.saw(topic, epoch, Keys.number((byte[]) answer.get(0)), Keys.number(lastId));
      }
      return new TopicState(
          epoch,
          Keys.number((byte[]) answer.get(1)),
          Keys.number((byte[]) answer.get(0)),
          probed.length == 0 ? 0 : StoredMessage.messageId(probed));
    });
  }

  @Override
  public CompletableFuture<LogSlice> read(
      Topic topic, long fromSeq, int maxMessages, int maxBytes) {
    return Failures.translated(
        continuity.compared(() -> readNow(topic, fromSeq, maxMessages, maxBytes)));
  }

  private CompletionStage<LogSlice> readNow(
      Topic topic, long fromSeq, int maxMessages, int maxBytes) {
    long epoch = continuity.epoch();
    return READ.call(
            link.commands(),
            keys(topic),
            Keys.bytes(fromSeq),
            Keys.bytes(maxMessages),
            Keys.bytes(maxBytes))
        .thenApply(answer -> slice(epoch, answer));
  }

  @Override
  public long epoch() {
    return continuity.epoch();
  }

  @Override
  public CompletableFuture<Long> keptUntil(Topic topic, long epoch) {
    return Failures.translated(continuity.keptUntil(topic, epoch));
  }

  @Override
  public void listener(CommitListener listener) {
    watches.listener(listener);
  }

  @Override
  public CompletableFuture<Void> watch(Topic topic) {
    return watches.watch(topic);
  }

  @Override
  public void unwatch(Topic topic) {
    watches.unwatch(topic);
  }

  @Override
  public CompletableFuture<Void> dropHistory(Topic topic) {
    return Failures.translated(
        link.commands().del(link.keys().messages(topic)).thenAccept(deleted -> {}));
  }

  private byte[][] keys(Topic topic) {
    return new byte[][] {link.keys().messages(topic), link.keys().state(topic)};
  }

  private static LogSlice slice(long epoch, List<Object> answer) {
    List<LoggedMessage> messages = new ArrayList<>(answer.size() / 2);
    for (int i = 2; i < answer.size(); i += 2) {
      String id = Keys.text((byte[]) answer.get(i));
      int dash = id.indexOf('-');
      messages.add(StoredMessage.logged(
          (byte[]) answer.get(i + 1),
          Long.parseLong(id, 0, dash, 10),
          Long.parseLong(id, dash + 1, id.length(), 10)));
    }
    return new LogSlice(
        epoch, Keys.number((byte[]) answer.get(1)), Keys.number((byte[]) answer.get(0)), messages);
  }
}

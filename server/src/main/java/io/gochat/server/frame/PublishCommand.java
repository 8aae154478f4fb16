package io.gochat.server.frame;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Publish;
import io.gochat.protocol.Published;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.account.Account;
import io.gochat.server.frame.PublishQueue.Waiting;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Publishing to a room or to a user. Immutable. */
final class PublishCommand {
  private final FrameServices services;

  PublishCommand(FrameServices services) {
    this.services = services;
  }

  /** False while a Join of this room is under way: its sender shall see the message. */
  boolean take(FrameConnection connection, long requestId, Publish publish) {
    Topic topic = WireTopics.topic(publish.getTopic());
    if (!topic.isInbox() && connection.topics().isJoining(topic.id())) {
      return false;
    }
    CompletableFuture<Optional<Account>> recipient =
        topic.isInbox() ? services.accounts().byId(topic.id()) : null;
    Waiting waiting = new Waiting(requestId, topic, publish, recipient);
    PublishQueue queue = connection.publishes();
    if (queue == null && waiting.isReady()) {
      submit(connection, waiting);
    } else {
      enqueue(connection, queue, waiting);
    }
    return true;
  }

  private void enqueue(
      FrameConnection connection, @Nullable PublishQueue existing, Waiting waiting) {
    PublishQueue queue = existing == null ? new PublishQueue() : existing;
    connection.publishes(queue);
    queue.add(waiting);
    connection.queued(waiting.recipient(), () -> drain(connection));
  }

  private void drain(FrameConnection connection) {
    PublishQueue queue = connection.publishes();
    if (queue == null) {
      return;
    }
    for (Waiting next = queue.pollReady(); next != null; next = queue.pollReady()) {
      Waiting publish = next;
      connection.dequeued(publish.requestId(), () -> submit(connection, publish));
    }
    if (queue.isEmpty()) {
      connection.publishes(null);
    }
  }

  private void submit(FrameConnection connection, Waiting waiting) {
    Publish publish = waiting.publish();
    String key = publish.getClientMessageId();
    Publication publication = new Publication(
        waiting.topic(),
        connection.userId(),
        connection.username(),
        recipientName(waiting.recipient()),
        publish.getText(),
        key.isEmpty() ? null : key);
    connection.await(
        services.messaging().publish(publication),
        waiting.requestId(),
        result -> answer(connection, waiting.requestId(), result));
  }

  private static String recipientName(@Nullable CompletableFuture<Optional<Account>> recipient) {
    if (recipient == null) {
      return "";
    }
    return recipient
        .join()
        .orElseThrow(() -> new CommandRefused(ErrorKind.RECIPIENT_UNKNOWN, "no such user"))
        .username();
  }

  private static void answer(FrameConnection connection, long requestId, PublishResult result) {
    if (result instanceof PublishResult.Accepted accepted) {
      connection.answer(
          requestId,
          ServerFrame.newBuilder()
              .setPublished(Published.newBuilder()
                  .setMessageId(accepted.messageId())
                  .setSeq(accepted.seq())
                  .setDuplicate(accepted.duplicate())));
    } else if (result instanceof PublishResult.Refused refused) {
      connection.refuse(requestId, refused.kind(), refused.detail(), refused.retryAfterMs());
    }
  }
}

package io.gochat.server.command;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Publish;
import io.gochat.protocol.Published;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.account.Account;
import io.gochat.server.failure.Failure;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Publishing to a room or to a user. Immutable. */
final class PublishCommand {
  private static final CompletableFuture<Optional<Account>> NOBODY =
      CompletableFuture.completedFuture(Optional.empty());

  private final CommandServices services;

  PublishCommand(CommandServices services) {
    this.services = services;
  }

  void run(Command command, Publish publish) {
    Topic topic = Arguments.topic(publish.getTopic());
    CompletableFuture<Optional<Account>> recipient =
        topic.isInbox() ? services.accounts().byId(topic.id()) : NOBODY;
    Runnable submit = () -> submit(command, topic, publish, recipient);
    CommandConnection connection = command.connection();
    if (recipient.isDone() && !connection.isLaneBusy()) {
      submit.run();
    } else {
      connection.lane().add(command, recipient, submit);
    }
  }

  private void submit(
      Command command,
      Topic topic,
      Publish publish,
      CompletableFuture<Optional<Account>> recipient) {
    CommandConnection connection = command.connection();
    String key = publish.getClientMessageId();
    Publication publication = new Publication(
        topic,
        connection.userId(),
        connection.username(),
        topic.isInbox() ? name(recipient.join()) : "",
        publish.getText(),
        key.isEmpty() ? null : key);
    command.after(services.messaging().publish(publication), result -> answer(command, result));
  }

  private static String name(Optional<Account> recipient) {
    return recipient
        .orElseThrow(() -> new RefusedException(ErrorKind.RECIPIENT_UNKNOWN, "no such user"))
        .username();
  }

  private static void answer(Command command, PublishResult result) {
    if (result instanceof PublishResult.Accepted accepted) {
      command.answer(ServerFrame.newBuilder()
          .setPublished(Published.newBuilder()
              .setMessageId(accepted.messageId())
              .setSeq(accepted.seq())
              .setDuplicate(accepted.duplicate())));
    } else if (result instanceof PublishResult.Refused refused) {
      command.refuse(new Failure(refused.kind(), refused.detail(), refused.retryAfterMs()));
    }
  }
}

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
  private final CommandServices services;

  PublishCommand(CommandServices services) {
    this.services = services;
  }

  /** Takes its place in the connection's order before its recipient is looked up. */
  void run(Command command, Publish publish) {
    CompletableFuture<Recipient> recipient = recipient(publish);
    if (recipient.isDone() && !command.connection().unanswered().isLaneBusy()) {
      submit(command, publish, recipient);
    } else {
      submitInTurn(command, publish, recipient);
    }
  }

  private void submitInTurn(
      Command command, Publish publish, CompletableFuture<Recipient> recipient) {
    CommandConnection connection = command.connection();
    PublishLane lane = connection.unanswered().lane();
    command.suspend();
    lane.add(recipient, () -> command.resume(() -> submit(command, publish, recipient)));
    recipient.whenComplete((found, failure) -> connection.execute(lane::drain));
  }

  /** Where it goes to, and the name of who owns that; empty: nobody does. */
  private record Recipient(Topic topic, String username) {}

  private CompletableFuture<Recipient> recipient(Publish publish) {
    if (!publish.getToUserName().isEmpty()) {
      return named(publish);
    }
    Topic topic = Arguments.topic(publish.getTopic());
    return topic.isInbox()
        ? services
            .accounts()
            .byId(topic.id())
            .thenApply(found -> new Recipient(topic, existing(found).username()))
        : CompletableFuture.completedFuture(new Recipient(topic, ""));
  }

  private CompletableFuture<Recipient> named(Publish publish) {
    long userId = 0;
    switch (publish.getTopic().getKindCase()) {
      case ROOM_ID -> throw Arguments.invalid("to_user_name: beside topic.room_id");
      case USER_ID -> userId = Arguments.id("user_id", publish.getTopic().getUserId());
      case KIND_NOT_SET -> {}
    }
    long wanted = userId;
    return services.accounts().byName(publish.getToUserName()).thenApply(found -> {
      Account account = existing(found);
      if (wanted != 0 && wanted != account.userId()) {
        throw Arguments.invalid("to_user_name: not the name of topic.user_id");
      }
      return new Recipient(Topic.inbox(account.userId()), account.username());
    });
  }

  private static Account existing(Optional<Account> found) {
    return found.orElseThrow(
        () -> new RefusedException(ErrorKind.RECIPIENT_UNKNOWN, "no such user"));
  }

  private void submit(Command command, Publish publish, CompletableFuture<Recipient> recipient) {
    CommandConnection connection = command.connection();
    Recipient to = recipient.join();
    String key = publish.getClientMessageId();
    Publication publication = new Publication(
        to.topic(),
        connection.userId(),
        connection.username(),
        to.username(),
        publish.getText(),
        key.isEmpty() ? null : key);
    command.after(services.messaging().publish(publication), result -> answer(command, result));
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

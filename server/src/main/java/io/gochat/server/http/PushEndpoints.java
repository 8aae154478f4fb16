package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.account.Account;
import io.gochat.server.account.Accounts;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Publishing to a user and to a room. Thread-safe. */
final class PushEndpoints {
  private final Accounts accounts;
  private final Messaging messaging;

  PushEndpoints(Accounts accounts, Messaging messaging) {
    this.accounts = accounts;
    this.messaging = messaging;
  }

  /** To a user's inbox; the sender is the token's owner, and the recipient must exist. */
  CompletableFuture<Reply> push(Session session, RequestFields fields) {
    return fromOwner(session, fields, () -> pushToRecipient(session, fields));
  }

  private CompletableFuture<Reply> pushToRecipient(Session session, RequestFields fields) {
    return recipient(fields)
        .thenCompose(recipient -> publish(
            Endpoint.PUSH, Topic.inbox(recipient.userId()), recipient.username(), session, fields));
  }

  /** To a room; whoever has a token may. */
  CompletableFuture<Reply> pushRoom(Session session, RequestFields fields) {
    return fromOwner(session, fields, () -> {
      long roomId = fields.number(Field.ROOM_ID);
      if (roomId == 0) {
        throw refused("room_id: must be more than 0");
      }
      return publish(Endpoint.PUSH_ROOM, Topic.room(roomId), "", session, fields);
    });
  }

  /** The {@code from_*} fields say nothing that the token does not: it is refused when they do not agree. */
  private CompletableFuture<Reply> fromOwner(
      Session session, RequestFields fields, Supplier<CompletableFuture<Reply>> push) {
    long fromUserId = fields.number(Field.FROM_USER_ID);
    if (fromUserId != 0 && fromUserId != session.userId()) {
      throw refused("from_user_id: not the token's owner");
    }
    String name = fields.text(Field.FROM_USER_NAME);
    return isPlainly(name, session.username())
        ? push.get()
        : checkName(name, session.userId(), "from_user_name: not the token's owner")
            .thenCompose(owner -> push.get());
  }

  private CompletableFuture<Account> recipient(RequestFields fields) {
    long userId = fields.number(Field.TO_USER_ID);
    String name = fields.text(Field.TO_USER_NAME);
    if (userId == 0) {
      if (name.isEmpty()) {
        throw refused("to_user_id: missing, and to_user_name too");
      }
      return accounts
          .byName(name)
          .thenApply(found -> found.orElseThrow(() -> unknown("to_user_name")));
    }
    CompletableFuture<Account> recipient =
        accounts.byId(userId).thenApply(found -> found.orElseThrow(() -> unknown("to_user_id")));
    return name.isEmpty()
        ? recipient
        : recipient.thenCompose(account -> isPlainly(name, account.username())
            ? recipient
            : checkName(name, userId, "to_user_name: not the name of to_user_id"));
  }

  /** Whether {@code name} is empty or the user's: then nothing has to be looked up. */
  private static boolean isPlainly(String name, String username) {
    return name.isEmpty() || name.equals(username);
  }

  /** The user, if {@code name} is the user's in another case or Unicode form; else refuses. */
  private CompletableFuture<Account> checkName(String name, long userId, String refusal) {
    return accounts
        .byName(name)
        .thenApply(found -> found
            .filter(account -> account.userId() == userId)
            .orElseThrow(() -> refused(refusal)));
  }

  private CompletableFuture<Reply> publish(
      Endpoint endpoint, Topic topic, String toUsername, Session session, RequestFields fields) {
    String text = fields.text(Field.MSG);
    if (text.isEmpty()) {
      throw refused("msg: empty");
    }
    String clientMessageId = fields.textOrNull(Field.CLIENT_MESSAGE_ID);
    return messaging
        .publish(new Publication(
            topic, session.userId(), session.username(), toUsername, text, clientMessageId))
        .thenApply(result -> published(endpoint, result, clientMessageId));
  }

  private static Reply published(
      Endpoint endpoint, PublishResult result, @Nullable String clientMessageId) {
    if (result instanceof PublishResult.Accepted accepted) {
      return clientMessageId == null ? Reply.DONE : Reply.json(AnswerJson.published(accepted));
    }
    PublishResult.Refused refused = (PublishResult.Refused) result;
    return HttpErrors.reply(endpoint, refused.kind(), refused.detail(), refused.retryAfterMs());
  }

  private static RefusedException refused(String detail) {
    return new RefusedException(ErrorKind.INVALID_ARGUMENT, detail);
  }

  private static RefusedException unknown(String field) {
    return new RefusedException(ErrorKind.RECIPIENT_UNKNOWN, field + ": no such user");
  }
}

package io.gochat.server.admin;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.server.account.Account;
import io.gochat.server.account.Accounts;
import io.gochat.server.failure.Failure;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One text to many. Thread-safe; nothing blocks. All recipients are looked up first and then handed to the log in one
 * go, which commits them together. With a client message id each publish is idempotent, and so is the whole: a repeat
 * reaches those whom the first attempt did not, and nobody twice.
 */
final class BatchPublish {
  private final Accounts accounts;
  private final Messaging messaging;

  BatchPublish(Accounts accounts, Messaging messaging) {
    this.accounts = accounts;
    this.messaging = messaging;
  }

  /** Publishes as the service; completes with an outcome for each recipient, in their order. */
  CompletableFuture<List<Outcome>> publish(
      Account service, String text, @Nullable String clientMessageId, List<Recipient> to) {
    List<CompletableFuture<Optional<Place>>> places =
        to.stream().map(this::place).toList();
    return all(places).thenCompose(done -> {
      Map<Topic, CompletableFuture<PublishResult>> byTopic = new HashMap<>();
      List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
      for (int i = 0; i < to.size(); i++) {
        Recipient recipient = to.get(i);
        CompletableFuture<PublishResult> result = places
            .get(i)
            .join()
            .map(place -> byTopic.computeIfAbsent(
                place.topic(), topic -> publish(service, place, text, clientMessageId)))
            .orElseGet(() -> CompletableFuture.completedFuture(
                new PublishResult.Refused(ErrorKind.RECIPIENT_UNKNOWN, "no such user", 0)));
        outcomes.add(result
            .exceptionally(BatchPublish::refused)
            .thenApply(each -> new Outcome(recipient, each)));
      }
      return all(outcomes)
          .thenApply(settled -> outcomes.stream().map(CompletableFuture::join).toList());
    });
  }

  private record Place(Topic topic, String toUsername) {}

  private CompletableFuture<PublishResult> publish(
      Account service, Place place, String text, @Nullable String clientMessageId) {
    try {
      return messaging.publish(publication(service, place, text, clientMessageId));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** What failed for one recipient is his outcome, and nobody else's. */
  private static PublishResult refused(Throwable thrown) {
    Failure failure = Failure.of(thrown);
    return new PublishResult.Refused(failure.kind(), failure.detail(), failure.retryAfterMs());
  }

  private static Publication publication(
      Account service, Place place, String text, @Nullable String clientMessageId) {
    return new Publication(
        place.topic(),
        service.userId(),
        service.username(),
        place.toUsername(),
        text,
        clientMessageId,
        true);
  }

  private CompletableFuture<Optional<Place>> place(Recipient recipient) {
    if (recipient instanceof Recipient.Room room) {
      return CompletableFuture.completedFuture(Optional.of(new Place(Topic.room(room.id()), "")));
    }
    CompletableFuture<Optional<Account>> found = recipient instanceof Recipient.UserId user
        ? byId(user.id())
        : accounts.byName(((Recipient.UserName) recipient).name());
    return found.thenApply(
        user -> user.map(account -> new Place(Topic.inbox(account.userId()), account.username())));
  }

  private CompletableFuture<Optional<Account>> byId(long userId) {
    return Limits.isId(userId)
        ? accounts.byId(userId)
        : CompletableFuture.completedFuture(Optional.empty());
  }

  private static CompletableFuture<Void> all(List<? extends CompletableFuture<?>> futures) {
    return CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0]));
  }
}

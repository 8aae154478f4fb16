package io.gochat.server.admin;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.server.account.Account;
import io.gochat.server.account.AccountChanges;
import io.gochat.server.account.Accounts;
import io.gochat.server.account.ChangeResult;
import io.gochat.server.account.RegisterResult;
import io.gochat.server.failure.Failure;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.identity.ApiKeys;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicState;
import io.gochat.server.registry.CloseReason;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.registry.RoomPresence;
import io.gochat.server.session.Session;
import io.gochat.server.session.Sessions;
import io.gochat.server.webhook.DeadLetterView;
import io.gochat.server.webhook.EndpointView;
import io.gochat.server.webhook.Resent;
import io.gochat.server.webhook.Webhooks;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that operators and programs may do. Thread-safe; nothing blocks, but lists of many connections take a
 * while: not on an event loop. Futures fail with {@link RefusedException} for what cannot be done.
 */
public final class Administration {
  private static final int MAX_SESSIONS = 10_000;

  private final Services services;
  private final BatchPublish batch;

  /**
   * What it works on.
   *
   * @param nodeId the name of the node
   * @param webhooks who is told of messages; empty: nobody
   * @param node what the node says of itself
   */
  public record Services(
      String nodeId,
      Accounts accounts,
      Sessions sessions,
      Messaging messaging,
      ConnectionRegistry registry,
      RoomPresence presence,
      Backups backups,
      AuditLog audit,
      Optional<Webhooks> webhooks,
      Supplier<NodeView> node) {}

  /** Works on these. */
  public Administration(Services services) {
    this.services = services;
    this.batch = new BatchPublish(services.accounts(), services.messaging());
  }

  /** What a room holds: its log's bounds, and who is in it. */
  public record RoomView(long roomId, TopicState log, RoomPresence.Room presence) {}

  /** Publishes as the caller's service; an outcome for each recipient. */
  public CompletableFuture<List<Outcome>> publish(
      Caller caller, String text, @Nullable String clientMessageId, List<Recipient> to) {
    CompletableFuture<List<Outcome>> outcomes =
        batch.publish(caller.service().account(), text, clientMessageId, to);
    return audited(caller, "publish", to.size() + " recipients", outcomes);
  }

  /** A user. */
  public CompletableFuture<Account> user(long userId) {
    return existing(
        Limits.isId(userId)
            ? services.accounts().byId(userId)
            : CompletableFuture.completedFuture(Optional.empty()));
  }

  /** A user, by name. */
  public CompletableFuture<Account> userNamed(String name) {
    return existing(services.accounts().byName(name));
  }

  private static CompletableFuture<Account> existing(CompletableFuture<Optional<Account>> found) {
    return found.thenApply(account -> account.orElseThrow(
        () -> new RefusedException(ErrorKind.RECIPIENT_UNKNOWN, "no such user")));
  }

  /** Makes a user; a null password: it has none. */
  public CompletableFuture<Account> createUser(
      Caller caller, String username, @Nullable String password) {
    CompletableFuture<Account> created = services
        .accounts()
        .changes()
        .createUser(username, password, caller.from())
        .thenApply(result -> {
          if (result instanceof RegisterResult.Registered registered) {
            return registered.account();
          }
          if (result instanceof RegisterResult.Refused refused) {
            throw new RefusedException(refused.kind(), refused.detail());
          }
          throw new RefusedException(ErrorKind.NAME_TAKEN, "the name is taken");
        });
    return audited(caller, "user.create", username, created);
  }

  /** Locks a user out. */
  public CompletableFuture<Account> disable(Caller caller, long userId) {
    return change(caller, "user.disable", userId, changes -> changes.disable(userId));
  }

  /** Lets a user in again. */
  public CompletableFuture<Account> enable(Caller caller, long userId) {
    return change(caller, "user.enable", userId, changes -> changes.enable(userId));
  }

  /** Sets a user's password. */
  public CompletableFuture<Account> setPassword(Caller caller, long userId, String password) {
    return change(
        caller,
        "user.password",
        userId,
        changes -> changes.setPassword(userId, password, caller.from()));
  }

  /** Deletes a user for good. */
  public CompletableFuture<Account> delete(Caller caller, long userId) {
    return change(caller, "user.delete", userId, changes -> changes.delete(userId));
  }

  /** Ends all logins of a user. */
  public CompletableFuture<Account> endSessions(Caller caller, long userId) {
    return change(caller, "sessions.end", userId, changes -> changes.endLogins(userId));
  }

  /** Ends one login of a user. */
  public CompletableFuture<Void> endSession(Caller caller, long userId, String sessionId) {
    CompletableFuture<Void> ended = services
        .sessions()
        .revoke(userId, sessionId)
        .thenAccept(existed -> {
          if (!existed) {
            throw new RefusedException(ErrorKind.NOT_FOUND, "no such session");
          }
        });
    return audited(caller, "session.end", userId + "/" + sessionId, ended);
  }

  private CompletableFuture<Account> change(
      Caller caller,
      String action,
      long userId,
      Function<AccountChanges, CompletableFuture<ChangeResult>> change) {
    CompletableFuture<Account> changed = user(userId)
        .thenCompose(account -> {
          if (isService(account)) {
            throw new RefusedException(
                ErrorKind.INVALID_ARGUMENT, "a service is its key: change the file of keys");
          }
          return change.apply(services.accounts().changes());
        })
        .thenApply(result -> {
          if (result instanceof ChangeResult.Refused refused) {
            throw new RefusedException(refused.kind(), refused.detail());
          }
          return ((ChangeResult.Changed) result).account();
        });
    return audited(caller, action, Long.toString(userId), changed);
  }

  private static boolean isService(Account account) {
    Account.Origin origin = account.origin();
    return origin != null && origin.issuer().equals(ApiKeys.ISSUER);
  }

  /** Where a user is signed in. */
  public CompletableFuture<Listing<Session>> sessions(long userId, String cursor, int limit) {
    return user(userId)
        .thenCompose(account -> services.sessions().ofUser(userId, MAX_SESSIONS))
        .thenApply(all -> Listing.of(all, Session::id, cursor, limit));
  }

  /** Who is connected to this node; {@code userId} 0: everybody. */
  public Listing<ConnectionView> connections(long userId, String cursor, int limit) {
    List<ConnectionView> all = (userId == 0
            ? services.registry().all()
            : services.registry().ofUser(userId))
        .stream().map(this::view).toList();
    return Listing.of(all, ConnectionView::id, cursor, limit);
  }

  /** Closes a connection of this node; its client may come back. */
  public CompletableFuture<Void> disconnect(Caller caller, String connectionId) {
    Optional<Connection> found = services.registry().all().stream()
        .filter(connection -> id(connection).equals(connectionId))
        .findFirst();
    CompletableFuture<Void> closed = found.isPresent()
        ? CompletableFuture.completedFuture(null)
        : CompletableFuture.failedFuture(
            new RefusedException(ErrorKind.NOT_FOUND, "no such connection on this node"));
    found.ifPresent(connection -> connection.close(CloseReason.DRAIN));
    return audited(caller, "connection.close", connectionId, closed);
  }

  private ConnectionView view(Connection connection) {
    String address = connection.channel().remoteAddress() instanceof InetSocketAddress remote
        ? remote.getAddress().getHostAddress()
        : "";
    return new ConnectionView(
        id(connection),
        connection.userId(),
        connection.username(),
        connection.deviceId(),
        connection.sessionId(),
        address);
  }

  private String id(Connection connection) {
    return services.nodeId() + "." + connection.channel().id().asLongText();
  }

  /** A room. */
  public CompletableFuture<RoomView> room(long roomId) {
    return services
        .messaging()
        .bounds(Topic.room(roomId))
        .thenApply(bounds -> new RoomView(
            roomId, bounds, services.presence().room(roomId, Limits.MAX_LISTED_MEMBERS)));
  }

  /** Drops the history of a room; its sequences go on, and members that are behind are told of a gap. */
  public CompletableFuture<Void> dropHistory(Caller caller, long roomId) {
    return audited(
        caller,
        "room.drop",
        Long.toString(roomId),
        services.messaging().dropHistory(Topic.room(roomId)));
  }

  /** What the node says of itself. */
  public NodeView node() {
    return services.node().get();
  }

  /** Copies the store; completes with the name of the copy. */
  public CompletableFuture<String> backup(Caller caller) {
    return audited(caller, "backup", "", services.backups().make());
  }

  /** Who is told of messages, and how that goes. */
  public CompletableFuture<List<EndpointView>> webhooks() {
    return services
        .webhooks()
        .map(Webhooks::endpoints)
        .orElse(CompletableFuture.completedFuture(List.of()));
  }

  private Webhooks told() {
    return services
        .webhooks()
        .orElseThrow(() -> new RefusedException(ErrorKind.NOT_FOUND, "no such webhook"));
  }

  /** An endpoint that ended begins anew. */
  public CompletableFuture<Void> enableWebhook(Caller caller, String name) {
    return audited(caller, "webhook.enable", name, told().enable(name));
  }

  /** What an endpoint did not take. */
  public CompletableFuture<Listing<DeadLetterView>> deadLetters(
      String name, String cursor, int limit) {
    return told()
        .deadLetters(name, cursor, limit)
        .thenApply(letters -> new Listing<>(
            letters,
            letters.size() < limit
                ? Optional.empty()
                : Optional.of(letters.get(letters.size() - 1).id())));
  }

  /** Sends one of them again, once. */
  public CompletableFuture<Void> sendDeadLetter(Caller caller, String name, String id) {
    return audited(caller, "webhook.send", name + "/" + id, told().sendAgain(name, id));
  }

  /** Sends them again, until one is not taken. */
  public CompletableFuture<Resent> sendDeadLetters(Caller caller, String name) {
    return audited(caller, "webhook.send", name, told().sendAllAgain(name));
  }

  /** Deletes one of them. */
  public CompletableFuture<Void> deleteDeadLetter(Caller caller, String name, String id) {
    return audited(caller, "webhook.drop", name + "/" + id, told().deleteDeadLetter(name, id));
  }

  private <T> CompletableFuture<T> audited(
      Caller caller, String action, String target, CompletableFuture<T> done) {
    return done.whenComplete((result, failure) -> services
        .audit()
        .wrote(
            caller,
            action,
            target,
            failure == null ? "ok" : Failure.of(failure).kind().word()));
  }
}

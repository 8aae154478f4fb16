package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.server.admin.Administration;
import io.gochat.server.admin.Caller;
import io.gochat.server.admin.Listing;
import io.gochat.server.admin.Outcome;
import io.gochat.server.admin.Recipient;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.identity.ApiKeys;
import io.gochat.server.messaging.PublishResult;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The admin API: by key, from where nobody listens in, answered off the event loops. Thread-safe. What it refuses is
 * thrown, as everywhere.
 */
final class AdminEndpoints {
  private static final int MAX_RECIPIENTS = 1_000;
  private static final int DEFAULT_PAGE = 100;
  private static final int WAITING = 100;

  private final ApiKeys keys;
  private final Administration administration;
  private final StrictJson json;
  private final Executor executor = newExecutor();

  AdminEndpoints(ApiKeys keys, Administration administration, StrictJson json) {
    this.keys = keys;
    this.administration = administration;
    this.json = json;
  }

  CompletableFuture<Reply> answer(Call call, boolean isPrivate) {
    if (!isPrivate) {
      throw refused(ErrorKind.FORBIDDEN, "the admin API wants TLS, or loopback");
    }
    ApiKeys.Service service = service(call.head().bearer());
    QueryStringDecoder target = new QueryStringDecoder(call.head().target());
    String path = path(target);
    AdminCall.Match match = AdminCall.match(call.head().method(), path);
    if (match == null) {
      Set<String> methods = AdminCall.methods(path);
      return CompletableFuture.completedFuture(
          methods.isEmpty()
              ? HttpErrors.reply(Endpoint.ADMIN, ErrorKind.NOT_FOUND, "", 0)
              : HttpErrors.methodNotAllowed(Endpoint.ADMIN, String.join(", ", methods)));
    }
    if (!service.key().may(match.call().scope())) {
      throw refused(
          ErrorKind.FORBIDDEN, "this key has no scope " + match.call().scope().word());
    }
    Caller caller = new Caller(service, call.client());
    return CompletableFuture.supplyAsync(() -> read(call, match.call()), executor)
        .thenCompose(fields -> answer(match, new Query(target), fields, caller));
  }

  private static String path(QueryStringDecoder target) {
    String path;
    try {
      path = target.path();
    } catch (IllegalArgumentException e) {
      throw refused(ErrorKind.INVALID_ARGUMENT, "path: not a path, " + e.getMessage());
    }
    return path.startsWith(AdminCall.PREFIX) ? path.substring(AdminCall.PREFIX.length()) : "";
  }

  private ApiKeys.Service service(@Nullable String bearer) {
    Optional<ApiKeys.Service> found = bearer == null ? Optional.empty() : keys.find(bearer);
    return found.orElseThrow(() -> refused(ErrorKind.TOKEN_INVALID, "no such API key"));
  }

  private RequestFields read(Call call, AdminCall admin) {
    return call.bodyLength() == 0
        ? new RequestFields()
        : json.read(call.body(), call.bodyLength(), admin.fields());
  }

  private CompletableFuture<Reply> answer(
      AdminCall.Match match, Query query, RequestFields fields, Caller caller) {
    List<String> of = match.arguments();
    return switch (match.call()) {
      case PUBLISH -> publish(caller, fields);
      case FIND_USER -> administration.userNamed(query.text("name")).thenApply(AdminJson::user);
      case CREATE_USER -> {
        fields.require(List.of(Field.USERNAME));
        yield administration
            .createUser(caller, fields.text(Field.USERNAME), fields.textOrNull(Field.PASSWORD))
            .thenApply(AdminJson::user);
      }
      case USER -> administration.user(id(of)).thenApply(AdminJson::user);
      case DELETE_USER -> administration.delete(caller, id(of)).thenApply(done -> AdminJson.DONE);
      case DISABLE_USER -> administration.disable(caller, id(of)).thenApply(AdminJson::user);
      case ENABLE_USER -> administration.enable(caller, id(of)).thenApply(AdminJson::user);
      case SET_PASSWORD -> {
        fields.require(List.of(Field.PASSWORD));
        yield administration
            .setPassword(caller, id(of), fields.text(Field.PASSWORD))
            .thenApply(AdminJson::user);
      }
      case SESSIONS ->
        administration
            .sessions(id(of), query.text("cursor"), query.limit())
            .thenApply(AdminJson::sessions);
      case END_SESSIONS ->
        administration.endSessions(caller, id(of)).thenApply(done -> AdminJson.DONE);
      case END_SESSION ->
        administration.endSession(caller, id(of), of.get(1)).thenApply(done -> AdminJson.DONE);
      case CONNECTIONS ->
        CompletableFuture.completedFuture(AdminJson.connections(
            administration.connections(query.id("user_id"), query.text("cursor"), query.limit())));
      case DISCONNECT ->
        administration.disconnect(caller, of.get(0)).thenApply(done -> AdminJson.DONE);
      case ROOM -> administration.room(id(of)).thenApply(AdminJson::room);
      case DROP_ROOM ->
        administration.dropHistory(caller, id(of)).thenApply(done -> AdminJson.DONE);
      case WEBHOOKS -> administration.webhooks().thenApply(AdminJson::webhooks);
      case ENABLE_WEBHOOK ->
        administration.enableWebhook(caller, of.get(0)).thenApply(done -> AdminJson.DONE);
      case DEAD_LETTERS ->
        administration
            .deadLetters(of.get(0), query.text("cursor"), query.limit())
            .thenApply(AdminJson::deadLetters);
      case SEND_DEAD_LETTERS ->
        administration.sendDeadLetters(caller, of.get(0)).thenApply(AdminJson::resent);
      case SEND_DEAD_LETTER ->
        administration
            .sendDeadLetter(caller, of.get(0), of.get(1))
            .thenApply(done -> AdminJson.DONE);
      case DELETE_DEAD_LETTER ->
        administration
            .deleteDeadLetter(caller, of.get(0), of.get(1))
            .thenApply(done -> AdminJson.DONE);
      case NODE -> CompletableFuture.completedFuture(AdminJson.node(administration.node()));
      case BACKUP -> administration.backup(caller).thenApply(AdminJson::backup);
    };
  }

  private CompletableFuture<Reply> publish(Caller caller, RequestFields fields) {
    fields.require(List.of(Field.MSG));
    List<Recipient> to = new ArrayList<>();
    fields.numbers(Field.TO_USER_IDS).forEach(id -> to.add(new Recipient.UserId(id)));
    fields.texts(Field.TO_USER_NAMES).forEach(name -> to.add(new Recipient.UserName(name)));
    for (long room : fields.numbers(Field.ROOM_IDS)) {
      if (room == 0) {
        throw refused(ErrorKind.INVALID_ARGUMENT, "room_ids: must be more than 0");
      }
      to.add(new Recipient.Room(room));
    }
    if (to.isEmpty() || to.size() > MAX_RECIPIENTS) {
      throw refused(
          ErrorKind.INVALID_ARGUMENT,
          "to_user_ids, to_user_names, room_ids: 1 to " + MAX_RECIPIENTS + " in all");
    }
    return administration
        .publish(caller, fields.text(Field.MSG), fields.textOrNull(Field.CLIENT_MESSAGE_ID), to)
        .thenApply(AdminEndpoints::published);
  }

  // A fault of the text is one of the whole call, not of each recipient.
  private static Reply published(List<Outcome> outcomes) {
    for (Outcome outcome : outcomes) {
      if (outcome.result() instanceof PublishResult.Refused refused
          && refused.kind() == ErrorKind.INVALID_ARGUMENT) {
        throw refused(ErrorKind.INVALID_ARGUMENT, refused.detail());
      }
    }
    return AdminJson.outcomes(outcomes);
  }

  private static long id(List<String> arguments) {
    return parsed("id", arguments.get(0));
  }

  private static long parsed(String name, String text) {
    if (text.matches("[0-9]{1,16}")) {
      long id = Long.parseLong(text);
      if (Limits.isId(id)) {
        return id;
      }
    }
    throw refused(ErrorKind.INVALID_ARGUMENT, name + ": not in 1 to " + Limits.MAX_ID);
  }

  /** What stands behind the question mark. */
  private record Query(QueryStringDecoder target) {
    String text(String name) {
      List<String> values = target.parameters().getOrDefault(name, List.of());
      return values.isEmpty() ? "" : values.get(0);
    }

    long id(String name) {
      return text(name).isEmpty() ? 0 : parsed(name, text(name));
    }

    int limit() {
      long limit = text("limit").isEmpty() ? DEFAULT_PAGE : parsed("limit", text("limit"));
      if (limit > Listing.MAX) {
        throw refused(ErrorKind.INVALID_ARGUMENT, "limit: not in 1 to " + Listing.MAX);
      }
      return (int) limit;
    }
  }

  private static RefusedException refused(ErrorKind kind, String detail) {
    return new RefusedException(kind, detail);
  }

  /** One thread that is there while it is needed. */
  private static Executor newExecutor() {
    ThreadPoolExecutor executor = new ThreadPoolExecutor(
        1,
        1,
        10,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(WAITING),
        new DefaultThreadFactory("gochat-admin", true));
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }
}

package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.bounds.Warnings;
import io.gochat.server.failure.Failure;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.net.Plaintext;
import io.gochat.server.session.Session;
import io.gochat.server.session.Sessions;
import io.netty.handler.codec.http.HttpMethod;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a complete request to its answer, in the contract's order: path and method, syntax and types, token, meaning.
 * Thread-safe; nothing blocks. Answers may complete on any thread.
 */
final class Router {
  private static final Logger log = LoggerFactory.getLogger(Router.class);
  private static final byte[] EMPTY_OBJECT = {'{', '}'};

  private final Warnings warnings = new Warnings(log);
  private final Plaintext plaintext;
  private final StrictJson json;
  private final Sessions sessions;
  private final AccountEndpoints accounts;
  private final PushEndpoints pushes;
  private final TopicEndpoints topics;
  private final OperationsEndpoints operations;
  private final Page page;
  private final @Nullable AdminEndpoints admin;

  Router(HttpOptions options, HttpServices services) {
    plaintext = options.plaintext();
    json = new StrictJson(options.maxBodyBytes());
    sessions = services.sessions();
    accounts = new AccountEndpoints(services.accounts(), sessions);
    pushes = new PushEndpoints(services.accounts(), services.messaging());
    topics = new TopicEndpoints(services.messaging(), services.presence());
    operations = new OperationsEndpoints(options, services.ready(), services.metrics());
    page = services.page();
    admin = services.administration() == null
        ? null
        : new AdminEndpoints(services.keys(), services.administration(), json);
  }

  /** Answers; a failure of the future is for {@link #failure}. */
  CompletableFuture<Reply> answer(Call call) {
    Endpoint endpoint = call.head().endpoint();
    try {
      Reply refusal = refusalOf(call.head(), call.origin(), call.client());
      if (refusal != null) {
        return done(refusal);
      }
      if (call.head().method().equals(HttpMethod.OPTIONS)) {
        return done(preflight(endpoint, call.head().preflight()));
      }
      return answer(Objects.requireNonNull(endpoint), call);
    } catch (RuntimeException e) {
      return done(failure(endpoint, e));
    }
  }

  /** What is answered when the head alone decides, whatever follows it; null: it does not. */
  @Nullable
  Reply refusalOf(RequestHead head, Origin origin, InetAddress client) {
    if (isTlsMissing(origin, client)) {
      return HttpErrors.TLS_REQUIRED;
    }
    Endpoint endpoint = head.endpoint();
    if (head.method().equals(HttpMethod.OPTIONS)) {
      return null;
    }
    if (endpoint == null || !isHere(endpoint, origin)) {
      return HttpErrors.reply(ErrorKind.NOT_FOUND, "");
    }
    return isAllowed(endpoint, head.method()) ? null : HttpErrors.methodNotAllowed(endpoint);
  }

  private boolean isHere(Endpoint endpoint, Origin origin) {
    return origin.surface().has(endpoint)
        && !(endpoint == Endpoint.PAGE && page.isOff())
        && !(endpoint == Endpoint.ADMIN && admin == null);
  }

  /** Whether this client may not ask without TLS, and does; the operator is told. */
  boolean isTlsMissing(Origin origin, InetAddress client) {
    boolean missing = !origin.isEncrypted()
        && origin.surface() != Surface.OPERATIONS
        && !plaintext.permits(client);
    if (missing) {
      warnings.warn(
          "tls_required", "a request without TLS was refused, as --plaintext says", client);
    }
    return missing;
  }

  /** Who has which token. */
  Sessions sessions() {
    return sessions;
  }

  /** What a peer is told of a failure; a bug of ours is logged, and nothing of it is told. */
  Reply failure(@Nullable Endpoint endpoint, Throwable thrown) {
    Failure failure = Failure.of(thrown);
    failure.log(log, "an HTTP request failed", thrown);
    if (endpoint == null || failure.kind() == ErrorKind.INTERNAL) {
      return HttpErrors.reply(ErrorKind.INTERNAL, "");
    }
    // The contract's sentences say it all, but for what this request in particular did wrong.
    String detail = Failure.cause(thrown) instanceof RefusedException ? failure.detail() : "";
    return HttpErrors.reply(endpoint, failure.kind(), detail, failure.retryAfterMs());
  }

  private CompletableFuture<Reply> answer(Endpoint endpoint, Call call) {
    if (endpoint.access() == Endpoint.Access.OPERATIONS) {
      return operations.answer(endpoint, call);
    }
    if (endpoint == Endpoint.ADMIN && admin != null) {
      return admin.answer(call, isPrivate(call));
    }
    if (endpoint == Endpoint.OPENAPI) {
      return done(OpenApi.REPLY);
    }
    if (endpoint == Endpoint.PAGE) {
      return page.answer(call.head().page());
    }
    RequestBody body = read(endpoint, call);
    body.require(endpoint.required());
    return switch (endpoint) {
      case REGISTER -> accounts.register(body, call.client());
      case LOGIN -> accounts.login(body, call.client());
      default -> authenticate(endpoint, token(call, body), body, call);
    };
  }

  /** A proxy on this machine is on loopback too, but whom it speaks for is not. */
  private static boolean isPrivate(Call call) {
    Origin origin = call.origin();
    boolean isLocal = origin.peer().isLoopbackAddress() && call.head().forwardedFor() == null;
    return isLocal || origin.isEncrypted() || origin.surface() == Surface.OPERATIONS;
  }

  /** With the token in the header, a call that needs nothing else may do without a body. */
  private RequestBody read(Endpoint endpoint, Call call) {
    boolean isEmpty = call.bodyLength() == 0 && call.head().bearer() != null;
    return isEmpty
        ? json.read(EMPTY_OBJECT, EMPTY_OBJECT.length, endpoint.fields())
        : json.read(call.body(), call.bodyLength(), endpoint.fields());
  }

  private static @Nullable String token(Call call, RequestBody body) {
    String inBody = body.text(Field.TOKEN);
    String bearer = call.head().bearer();
    if (bearer == null) {
      return inBody.isEmpty() ? null : inBody;
    }
    if (!inBody.isEmpty() && !inBody.equals(bearer)) {
      throw new RefusedException(ErrorKind.INVALID_ARGUMENT, "token: not the one in Authorization");
    }
    return bearer;
  }

  private CompletableFuture<Reply> authenticate(
      Endpoint endpoint, @Nullable String token, RequestBody body, Call call) {
    if (token == null) {
      return done(tokenInvalid(endpoint));
    }
    if (endpoint == Endpoint.LOGOUT) {
      return sessions
          .close(token)
          .thenApply(closed -> closed ? Reply.DONE : tokenInvalid(endpoint));
    }
    CompletableFuture<Optional<Session>> checked = sessions.check(token);
    return checked.thenCompose(found -> found.isPresent()
        ? answer(endpoint, found.get(), body, call)
        : done(tokenInvalid(endpoint)));
  }

  private CompletableFuture<Reply> answer(
      Endpoint endpoint, Session session, RequestBody body, Call call) {
    call.signedIn(session.userId());
    return switch (endpoint) {
      case CHECK_AUTH -> done(Reply.DONE);
      case CHANGE_PASSWORD -> accounts.changePassword(session, body, call.client());
      case LOGOUT_ALL -> accounts.logoutAll(session);
      case SESSIONS -> accounts.sessions(session);
      case DELETE_USER -> accounts.delete(session, body, call.client());
      case PUSH -> pushes.push(session, body);
      case PUSH_ROOM -> pushes.pushRoom(session, body);
      case COUNT -> done(topics.count(body));
      case ROOM_INFO -> done(topics.roomInfo(body, call));
      case HISTORY -> topics.history(session, body, call);
      case ACK -> topics.acknowledge(session, body);
      case REGISTER, LOGIN, LOGOUT, HEALTH, LIVE, READY, METRICS, PAGE, ADMIN, OPENAPI ->
        throw new IllegalStateException("not answered with a session: " + endpoint);
    };
  }

  /** The token is missing, unknown, expired or revoked. */
  static Reply tokenInvalid(Endpoint endpoint) {
    boolean isPush = endpoint == Endpoint.PUSH || endpoint == Endpoint.PUSH_ROOM;
    // The contract's sentence for a push says nothing of tokens; the others do.
    String detail = isPush ? Sentences.of(ErrorKind.TOKEN_INVALID) : "";
    return HttpErrors.reply(endpoint, ErrorKind.TOKEN_INVALID, detail, 0);
  }

  private static Reply preflight(@Nullable Endpoint endpoint, RequestHead.Preflight asked) {
    return endpoint == null || endpoint.isCrossOrigin()
        ? Reply.preflight(asked.headers(), asked.privateNetwork())
        : Reply.empty("Allow: " + endpoint.allowed() + "\r\n");
  }

  private static boolean isAllowed(Endpoint endpoint, HttpMethod method) {
    if (endpoint.access() == Endpoint.Access.KEY) {
      return true; // each path has its own
    }
    return endpoint.isRead()
        ? method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)
        : method.equals(HttpMethod.POST);
  }

  private static CompletableFuture<Reply> done(Reply reply) {
    return CompletableFuture.completedFuture(reply);
  }
}

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
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
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
  private final Map<Endpoint, SignedIn> signedIn;

  /** Answers who has a session. */
  private interface SignedIn {
    CompletableFuture<Reply> answer(Session session, RequestFields fields, Call call);
  }

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
    signedIn = signedIn(accounts, pushes, topics);
  }

  private static Map<Endpoint, SignedIn> signedIn(
      AccountEndpoints accounts, PushEndpoints pushes, TopicEndpoints topics) {
    Map<Endpoint, SignedIn> all = new EnumMap<>(Endpoint.class);
    all.put(Endpoint.CHECK_AUTH, (session, fields, call) -> done(Reply.DONE));
    all.put(
        Endpoint.CHANGE_PASSWORD,
        (session, fields, call) -> accounts.changePassword(session, fields, call.client()));
    all.put(Endpoint.LOGOUT_ALL, (session, fields, call) -> accounts.logoutAll(session));
    all.put(Endpoint.SESSIONS, (session, fields, call) -> accounts.sessions(session));
    all.put(
        Endpoint.DELETE_USER,
        (session, fields, call) -> accounts.delete(session, fields, call.client()));
    all.put(Endpoint.PUSH, (session, fields, call) -> pushes.push(session, fields));
    all.put(Endpoint.PUSH_ROOM, (session, fields, call) -> pushes.pushRoom(session, fields));
    all.put(Endpoint.COUNT, (session, fields, call) -> done(topics.count(fields)));
    all.put(Endpoint.ROOM_INFO, (session, fields, call) -> done(topics.roomInfo(fields, call)));
    all.put(Endpoint.HISTORY, topics::history);
    all.put(Endpoint.ACK, (session, fields, call) -> topics.acknowledge(session, fields));
    return all;
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
      return dispatch(Objects.requireNonNull(endpoint), call);
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

  private CompletableFuture<Reply> dispatch(Endpoint endpoint, Call call) {
    return switch (endpoint.access()) {
      case OPERATIONS -> operations.answer(endpoint, call);
      case KEY -> Objects.requireNonNull(admin).answer(call, isPrivate(call));
      case PAGE ->
        endpoint == Endpoint.OPENAPI
            ? done(OpenApi.REPLY)
            : page.answer(call.head().page());
      case OPEN -> admit(endpoint, read(endpoint, call), call);
      case TOKEN -> authenticate(endpoint, read(endpoint, call), call);
    };
  }

  private CompletableFuture<Reply> admit(Endpoint endpoint, RequestFields fields, Call call) {
    return endpoint == Endpoint.REGISTER
        ? accounts.register(fields, call.client())
        : accounts.login(fields, call.client());
  }

  /** A proxy on this machine is on loopback too, but whom it speaks for is not. */
  private static boolean isPrivate(Call call) {
    Origin origin = call.origin();
    boolean isLocal = origin.peer().isLoopbackAddress() && call.head().forwardedFor() == null;
    return isLocal || origin.isEncrypted() || origin.surface() == Surface.OPERATIONS;
  }

  /** With the token in the header, a call that needs nothing else may do without a body. */
  private RequestFields read(Endpoint endpoint, Call call) {
    boolean isEmpty = call.bodyLength() == 0 && call.head().bearer() != null;
    RequestFields fields = isEmpty
        ? json.read(EMPTY_OBJECT, EMPTY_OBJECT.length, endpoint.fields())
        : json.read(call.body(), call.bodyLength(), endpoint.fields());
    fields.require(endpoint.required());
    return fields;
  }

  private static @Nullable String token(Call call, RequestFields fields) {
    String inBody = fields.text(Field.TOKEN);
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
      Endpoint endpoint, RequestFields fields, Call call) {
    String token = token(call, fields);
    if (token == null) {
      return done(tokenInvalid(endpoint));
    }
    if (endpoint == Endpoint.LOGOUT) {
      return sessions
          .close(token)
          .thenApply(closed -> closed ? Reply.DONE : tokenInvalid(endpoint));
    }
    SignedIn handler = Objects.requireNonNull(signedIn.get(endpoint));
    return sessions.check(token).thenCompose(found -> {
      if (found.isEmpty()) {
        return done(tokenInvalid(endpoint));
      }
      Session session = found.get();
      call.signedIn(session.userId());
      return handler.answer(session, fields, call);
    });
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

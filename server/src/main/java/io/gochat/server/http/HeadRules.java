package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.net.AllowedOrigins;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What the head of a request tells by itself: from whom it is, and what is to be refused or left out. Thread-safe. */
final class HeadRules {
  private final HttpOptions options;
  private final Router router;

  HeadRules(HttpOptions options, Router router) {
    this.options = options;
    this.router = router;
  }

  /** Whose request it is, through proxies that are trusted. */
  InetAddress clientOf(Origin origin, RequestHead head) {
    return client(origin, head.forwardedFor());
  }

  /** Whether a request that names these forwarders must not come without TLS, and does. */
  boolean isTlsMissing(Origin origin, @Nullable String forwardedFor) {
    return router.isTlsMissing(origin, client(origin, forwardedFor));
  }

  /** What is answered when the head alone decides; null: it does not, or has not come. */
  @Nullable
  Reply refusalOf(Origin origin, @Nullable RequestHead head) {
    return head == null ? null : router.refusalOf(head, origin, clientOf(origin, head));
  }

  /** What refuses a request that has not come completely. */
  static Reply refusal(@Nullable RequestHead head, ErrorKind kind, String detail) {
    Endpoint endpoint = head == null ? null : head.endpoint();
    return endpoint == null
        ? HttpErrors.reply(kind, detail)
        : HttpErrors.reply(endpoint, kind, detail, 0);
  }

  /** The token that tells whether the body is worth waiting for; null: none does. */
  static @Nullable String tokenOf(RequestHead head) {
    Endpoint endpoint = head.endpoint();
    return endpoint == null || endpoint.access() != Endpoint.Access.TOKEN ? null : head.bearer();
  }

  /** Whether it is about the server's health. */
  static boolean isOfOperations(RequestHead head) {
    return head.endpoint() != null && head.endpoint().access() == Endpoint.Access.OPERATIONS;
  }

  /** Where not every web site may use this server, its scripts may read the answer only if theirs may. */
  Reply forOrigin(@Nullable RequestHead head, Reply reply) {
    AllowedOrigins origins = options.origins();
    String asking = head == null ? null : head.origin();
    return origins.isAny() ? reply : reply.onlyFor(origins.permits(asking, null) ? asking : null);
  }

  private InetAddress client(Origin origin, @Nullable String forwardedFor) {
    return ClientAddress.of(origin.peer(), forwardedFor, options.trustedProxies());
  }
}

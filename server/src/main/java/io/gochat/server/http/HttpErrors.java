package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The one place where a failure becomes an HTTP answer, of {@link Status}, header word and sentence. Stateless.
 *
 * <p>Where a call has no sentence of its own that fits (a path that does not exist, an overload), that of the kind is used.
 */
final class HttpErrors {
  private static final Map<ErrorKind, byte[]> HEADS = new EnumMap<>(ErrorKind.class);

  static {
    for (ErrorKind kind : ErrorKind.values()) {
      HEADS.put(kind, Reply.errorHead(kind, true, ""));
    }
  }

  private static final int RETRY_MS = 1_000;

  /** 426: the same again, but with TLS. */
  static final Reply TLS_REQUIRED = tlsRequired();

  private HttpErrors() {}

  private static Reply tlsRequired() {
    ErrorKind kind = ErrorKind.TLS_REQUIRED;
    String upgrade = "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n";
    return reply(kind, Reply.errorHead(kind, true, upgrade), Sentences.of(kind), 0);
  }

  /**
   * An answer on a known endpoint. The endpoint's documented sentence stands for every fault of the request; ours are
   * told in the kind's.
   *
   * @param detail for people; empty: the sentence says it all
   */
  static Reply reply(Endpoint endpoint, ErrorKind kind, String detail, int retryAfterMs) {
    String sentence = isFaultOfTheRequest(kind) ? endpoint.failure(kind) : Sentences.of(kind);
    byte[] head = endpoint.isCrossOrigin() ? head(kind) : Reply.errorHead(kind, false, "");
    return reply(kind, head, detail.isEmpty() ? sentence : sentence + ": " + detail, retryAfterMs);
  }

  /** Too much waits for clients that do not read: this can be asked for again. */
  static Reply overloaded(Endpoint endpoint) {
    return reply(endpoint, ErrorKind.OVERLOADED, "too many answers wait to be read", RETRY_MS);
  }

  /** An answer where no endpoint is known, with {@code headers} of its own, each line with its CRLF. */
  static Reply reply(ErrorKind kind, String detail, String headers) {
    String error = detail.isEmpty() ? Sentences.of(kind) : Sentences.of(kind) + ": " + detail;
    return reply(kind, Reply.errorHead(kind, true, headers), error, 0);
  }

  /** An answer where no endpoint is known. */
  static Reply reply(ErrorKind kind, String detail) {
    String sentence = Sentences.of(kind);
    String error = detail.isEmpty() ? sentence : sentence + ": " + detail;
    return reply(kind, head(kind), error, 0);
  }

  /** 405, with what would be allowed. */
  static Reply methodNotAllowed(Endpoint endpoint) {
    return methodNotAllowed(endpoint, endpoint.allowed());
  }

  /** 405, with the methods of this path. */
  static Reply methodNotAllowed(Endpoint endpoint, String allowed) {
    ErrorKind kind = ErrorKind.METHOD_NOT_ALLOWED;
    String allow = "Allow: " + allowed + "\r\n";
    byte[] head = Reply.errorHead(kind, endpoint.isCrossOrigin(), allow);
    return reply(kind, head, Sentences.of(kind), 0);
  }

  private static Reply reply(ErrorKind kind, byte[] head, String error, int retryAfterMs) {
    Status status = Status.of(kind);
    boolean retry = status == Status.TOO_MANY_REQUESTS || status == Status.SERVICE_UNAVAILABLE;
    int retryAfterS = retry ? Math.max(1, (int) ((retryAfterMs + 999L) / 1_000)) : 0;
    byte[] body = AnswerJson.error(error).getBytes(StandardCharsets.UTF_8);
    return new Reply(status, head, retryAfterS, body, kind);
  }

  private static byte[] head(ErrorKind kind) {
    return Objects.requireNonNull(HEADS.get(kind));
  }

  private static boolean isFaultOfTheRequest(ErrorKind kind) {
    return switch (Status.of(kind)) {
      case BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND -> true;
      default -> false;
    };
  }
}

package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The one place where a failure becomes an HTTP answer: status, header word and sentence. Stateless.
 *
 * <p>The sentences are the contract's own. Where a call has none that fits (a path that does not exist, an overload),
 * the sentence of the kind is used.
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
    return reply(kind, Reply.errorHead(kind, true, upgrade), sentence(kind), 0);
  }

  /** The status that tells the kind. */
  static Status status(ErrorKind kind) {
    return switch (kind) {
      case INVALID_ARGUMENT,
          MALFORMED_JSON,
          NAME_TAKEN,
          CLIENT_MESSAGE_ID_REUSED,
          UNKNOWN_COMMAND -> Status.BAD_REQUEST;
      case BAD_CREDENTIALS, TOKEN_INVALID -> Status.UNAUTHORIZED;
      case FORBIDDEN -> Status.FORBIDDEN;
      case RECIPIENT_UNKNOWN, NOT_FOUND -> Status.NOT_FOUND;
      case METHOD_NOT_ALLOWED -> Status.METHOD_NOT_ALLOWED;
      case REQUEST_TIMEOUT -> Status.REQUEST_TIMEOUT;
      case BODY_TOO_LARGE -> Status.CONTENT_TOO_LARGE;
      case URI_TOO_LONG -> Status.URI_TOO_LONG;
      case HEADERS_TOO_LARGE -> Status.REQUEST_HEADER_FIELDS_TOO_LARGE;
      case UPGRADE_REQUIRED, TLS_REQUIRED -> Status.UPGRADE_REQUIRED;
      case TOO_MANY -> Status.TOO_MANY_REQUESTS;
      case OVERLOADED, STORE_UNAVAILABLE, NOT_READY -> Status.SERVICE_UNAVAILABLE;
      case INTERNAL -> Status.INTERNAL_SERVER_ERROR;
    };
  }

  /** What people read when the call has no sentence of its own. */
  static String sentence(ErrorKind kind) {
    return switch (kind) {
      case INVALID_ARGUMENT,
          MALFORMED_JSON,
          NAME_TAKEN,
          CLIENT_MESSAGE_ID_REUSED,
          UNKNOWN_COMMAND -> "请求参数错误";
      case FORBIDDEN -> "没有权限";
      case BAD_CREDENTIALS, TOKEN_INVALID -> "认证失败，令牌无效或已过期";
      case RECIPIENT_UNKNOWN, NOT_FOUND -> "资源不存在";
      case METHOD_NOT_ALLOWED -> "请求方法不允许";
      case REQUEST_TIMEOUT -> "请求超时";
      case BODY_TOO_LARGE -> "请求体过大";
      case URI_TOO_LONG -> "请求地址过长";
      case HEADERS_TOO_LARGE -> "请求头过大";
      case UPGRADE_REQUIRED -> "请使用 WebSocket 连接";
      case TLS_REQUIRED -> "请使用 TLS 加密连接 (https)";
      case TOO_MANY -> "请求过于频繁，请稍后重试";
      case OVERLOADED -> "服务器繁忙，请稍后重试";
      case STORE_UNAVAILABLE -> "存储暂不可用，请稍后重试";
      case NOT_READY -> "服务未就绪";
      case INTERNAL -> "服务器内部错误";
    };
  }

  /**
   * An answer on a known endpoint. The endpoint's documented sentence stands for every fault of the request; ours are
   * told in the kind's.
   *
   * @param detail for people; empty: the sentence says it all
   */
  static Reply reply(Endpoint endpoint, ErrorKind kind, String detail, int retryAfterMs) {
    String sentence = isFaultOfTheRequest(kind) ? endpoint.failure(kind) : sentence(kind);
    byte[] head = endpoint.isCrossOrigin() ? head(kind) : Reply.errorHead(kind, false, "");
    return reply(kind, head, detail.isEmpty() ? sentence : sentence + ": " + detail, retryAfterMs);
  }

  /** Too much waits for clients that do not read: this can be asked for again. */
  static Reply overloaded(Endpoint endpoint) {
    return reply(endpoint, ErrorKind.OVERLOADED, "too many answers wait to be read", RETRY_MS);
  }

  /** An answer where no endpoint is known, with {@code headers} of its own, each line with its CRLF. */
  static Reply reply(ErrorKind kind, String detail, String headers) {
    String error = detail.isEmpty() ? sentence(kind) : sentence(kind) + ": " + detail;
    return reply(kind, Reply.errorHead(kind, true, headers), error, 0);
  }

  /** An answer where no endpoint is known. */
  static Reply reply(ErrorKind kind, String detail) {
    String sentence = sentence(kind);
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
    return reply(kind, head, sentence(kind), 0);
  }

  private static Reply reply(ErrorKind kind, byte[] head, String error, int retryAfterMs) {
    Status status = status(kind);
    boolean retry = status == Status.TOO_MANY_REQUESTS || status == Status.SERVICE_UNAVAILABLE;
    int retryAfterS = retry ? Math.max(1, (int) ((retryAfterMs + 999L) / 1_000)) : 0;
    byte[] body = JsonBody.error(error).getBytes(StandardCharsets.UTF_8);
    return new Reply(status, head, retryAfterS, body, kind);
  }

  private static byte[] head(ErrorKind kind) {
    return Objects.requireNonNull(HEADS.get(kind));
  }

  private static boolean isFaultOfTheRequest(ErrorKind kind) {
    return switch (status(kind)) {
      case BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND -> true;
      default -> false;
    };
  }
}

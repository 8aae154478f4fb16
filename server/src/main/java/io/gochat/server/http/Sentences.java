package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;

/** What people read when a call has no sentence of its own: the contract's words. Stateless. */
final class Sentences {
  private Sentences() {}

  static String of(ErrorKind kind) {
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
}

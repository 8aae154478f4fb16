package io.gochat.server.websocket;

import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.command.Farewell;

/**
 * Why a WebSocket closes, as a number. Those of our own say what the last {@code GoAway} or fatal {@code Error} said: below
 * 4500 a client may come back, from there on it must not. Stateless.
 */
final class CloseCode {
  static final int NORMAL = 1000;
  static final int PROTOCOL_ERROR = 1002;
  static final int UNSUPPORTED_DATA = 1003;
  static final int NO_STATUS = 1005;
  static final int INVALID_TEXT = 1007;
  static final int TOO_BIG = 1009;

  private static final int GO_AWAY = 4_000;
  private static final int ERROR = 4_100;
  private static final int FINAL = 500;

  private CloseCode() {}

  static int of(Farewell farewell) {
    ServerFrame last = farewell.frame();
    if (last == null) {
      return NORMAL;
    }
    if (last.hasGoAway()) {
      GoAway goAway = last.getGoAway();
      return GO_AWAY + goAway.getReasonValue() + (goAway.getFinal() ? FINAL : 0);
    }
    Error error = last.getError();
    boolean passes = error.getCode() == ErrorCode.TOO_MANY;
    return ERROR + error.getCodeValue() + (passes ? 0 : FINAL);
  }

  /** Whether a peer may send it: those that stand for a missing code never travel. */
  static boolean isValid(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
  }
}

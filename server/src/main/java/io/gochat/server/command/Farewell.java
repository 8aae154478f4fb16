package io.gochat.server.command;

import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.registry.CloseReason;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How the server ends a connection, in whatever protocol. Immutable.
 *
 * @param word for the counter, of a fixed set
 * @param frame the last thing that the client is told, but for answers to what was accepted: a {@code GoAway} or a fatal
 *     {@code Error}; null: nothing
 */
public record Farewell(String word, @Nullable ServerFrame frame) {
  /** It was the peer who said goodbye. */
  static final Farewell PEER_LEFT = new Farewell("peer_left", null);

  static Farewell protocolError() {
    return goAway(GoAway.Reason.PROTOCOL_ERROR, true);
  }

  static Farewell idle() {
    return goAway(GoAway.Reason.IDLE, false);
  }

  /** The server cannot keep up with what this connection needs. */
  static Farewell overload() {
    return goAway(GoAway.Reason.OVERLOAD, false);
  }

  /** The client is sent away; it comes back within {@code drainSpread} if the server stops. */
  static Farewell of(CloseReason reason, Duration drainSpread) {
    return switch (reason) {
      case DRAIN -> drain(drainSpread);
      case REVOKED -> goAway(GoAway.Reason.REVOKED, true);
      case EXPIRED -> goAway(GoAway.Reason.EXPIRED, true);
      case REPLACED -> goAway(GoAway.Reason.REPLACED, true);
      case SLOW_CONSUMER -> overload();
    };
  }

  /** A command that cannot be answered in any other way than by ending the connection. */
  static Farewell fatal(long requestId, ErrorKind kind, String detail) {
    Error error = Error.newBuilder()
        .setCode(kind.frameCode())
        .setMessage(detail)
        .setFatal(true)
        .build();
    return new Farewell(
        kind.word(),
        ServerFrame.newBuilder().setRequestId(requestId).setError(error).build());
  }

  // Staggered, so that the clients of a stopping node do not come back in one storm.
  private static Farewell drain(Duration spread) {
    int afterMs = 1 + (int) ThreadLocalRandom.current().nextLong(Math.max(1, spread.toMillis()));
    return of(GoAway.newBuilder().setReason(GoAway.Reason.DRAIN).setReconnectAfterMs(afterMs));
  }

  private static Farewell goAway(GoAway.Reason reason, boolean isFinal) {
    return of(GoAway.newBuilder().setReason(reason).setFinal(isFinal));
  }

  private static Farewell of(GoAway.Builder goAway) {
    return new Farewell(
        goAway.getReason().name().toLowerCase(Locale.ROOT),
        ServerFrame.newBuilder().setGoAway(goAway).build());
  }
}

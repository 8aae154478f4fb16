package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A protocol that a connection may change to (RFC 9110, 7.8), told without Netty's HTTP. Thread-safe. */
public interface Upgrade {
  /** Where it is asked for. */
  String path();

  /** Its name in {@code Upgrade}. */
  String protocol();

  /** Judges what a client offers; nothing is changed yet. */
  Answer judge(Offer offer);

  /** The answer was written: from here on the channel, at whose pipeline's end it puts its handler, is the protocol's. */
  void install(Channel channel, String subprotocol);

  /**
   * What a client offers. Immutable.
   *
   * @param version in {@code Sec-WebSocket-Version}; null: there is none
   * @param key in {@code Sec-WebSocket-Key}; null: there is none, or several
   * @param subprotocols of {@code Sec-WebSocket-Protocol}, the dearest first
   */
  record Offer(@Nullable String version, @Nullable String key, List<String> subprotocols) {
    public Offer {
      subprotocols = List.copyOf(subprotocols);
    }
  }

  /** What a client hears. Immutable. */
  sealed interface Answer permits Accepted, Refused {}

  /**
   * 101.
   *
   * @param headers lines of its own, each with its CRLF
   * @param subprotocol for {@link #install}
   */
  record Accepted(String headers, String subprotocol) implements Answer {}

  /**
   * An error.
   *
   * @param headers lines of its own, each with its CRLF
   */
  record Refused(ErrorKind kind, String detail, String headers) implements Answer {}
}

package io.gochat.server.websocket;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.command.CommandLoops;
import io.gochat.server.command.CommandMeters;
import io.gochat.server.http.Upgrade;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The opening handshake (RFC 6455, 4.2), and the connection that comes out of it. Thread-safe. */
public final class WebSocketUpgrade implements Upgrade {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;
  private static final String VERSION = "13";
  private static final int MIN_JSON_BYTES = 128 * 1_024;

  private final CommandLoops commands;
  private final CommandMeters meters;
  private final Subprotocol json;
  private final Subprotocol protobuf;

  /**
   * Speaks for {@code commands}.
   *
   * @param maxTextBytes longest text of a message: in JSON each of its bytes may take six
   * @param maxFrameBytes longest command in protobuf
   */
  public WebSocketUpgrade(CommandLoops commands, int maxTextBytes, int maxFrameBytes) {
    this.commands = commands;
    this.meters = commands.meters("websocket");
    this.json = new Subprotocol.Json(Math.max(MIN_JSON_BYTES, 6 * maxTextBytes + 4_096));
    this.protobuf = new Subprotocol.Protobuf(maxFrameBytes);
  }

  @Override
  public String path() {
    return "/ws";
  }

  @Override
  public String protocol() {
    return "websocket";
  }

  @Override
  public Answer judge(Offer offer) {
    if (!VERSION.equals(offer.version())) {
      return new Refused(
          ErrorKind.UPGRADE_REQUIRED,
          "WebSocket version 13",
          "Sec-WebSocket-Version: " + VERSION + "\r\n");
    }
    String key = offer.key();
    if (key == null || !isKey(key)) {
      return refused("Sec-WebSocket-Key: not 16 bytes of Base64");
    }
    String accept = "Sec-WebSocket-Accept: " + accept(key) + "\r\n";
    if (offer.subprotocols().isEmpty()) {
      return new Accepted(accept, Subprotocol.JSON);
    }
    for (String subprotocol : offer.subprotocols()) {
      if (find(subprotocol) != null) {
        return new Accepted(
            accept + "Sec-WebSocket-Protocol: " + subprotocol + "\r\n", subprotocol);
      }
    }
    return refused("Sec-WebSocket-Protocol: " + Subprotocol.JSON + " or " + Subprotocol.PROTOBUF);
  }

  @Override
  public void install(Channel channel, String subprotocol) {
    Subprotocol found = find(subprotocol);
    channel
        .pipeline()
        .addLast(new WebSocketConnection(channel, found == null ? json : found, commands, meters));
  }

  private @Nullable Subprotocol find(String name) {
    return switch (name) {
      case Subprotocol.JSON -> json;
      case Subprotocol.PROTOBUF -> protobuf;
      default -> null;
    };
  }

  private static Refused refused(String detail) {
    return new Refused(ErrorKind.INVALID_ARGUMENT, detail, "");
  }

  private static boolean isKey(String key) {
    try {
      return Base64.getDecoder().decode(key).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static String accept(String key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-1")
          .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-1", e);
    }
  }
}

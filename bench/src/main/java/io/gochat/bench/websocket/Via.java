package io.gochat.bench.websocket;

import java.util.Locale;

/** How commands reach a server. Immutable. */
public enum Via {
  /** Frames on TCP. */
  FRAMES,
  /** Messages of {@code gochat.v1.protobuf} on WebSocket. */
  WS;

  /** How the user writes it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

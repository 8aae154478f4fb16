package io.gochat.bench.websocket;

import picocli.CommandLine.Option;

/** {@code --via}, the same for every tool that speaks the commands. Filled by picocli, then read. */
public final class ViaOption {
  @Option(
      names = "--via",
      paramLabel = "WAY",
      description = "frames, or ws: the same messages over WebSocket (${DEFAULT-VALUE})")
  private Via via = Via.FRAMES;

  /** How commands go. */
  public Via via() {
    return via;
  }

  /** For a run that no command line describes. */
  public void via(Via other) {
    via = other;
  }
}

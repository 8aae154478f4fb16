package io.gochat.server.simulation;

/**
 * A connection between its two ends, with what each has sent and the other not taken. Confined to the simulation's thread.
 */
final class Wire {
  final Pipe toServer = new Pipe();
  final Pipe toClient = new Pipe();

  private int window;
  private int breaksAfter = Integer.MAX_VALUE;
  private boolean reset;
  private boolean clientEnded;
  private boolean serverEnded;

  /** The client's socket holds {@code window} bytes that it has not read. */
  Wire(int window) {
    this.window = window;
  }

  void window(int bytes) {
    window = bytes;
  }

  /** How much the server may write. */
  int room() {
    return Math.min(Math.max(0, window - toClient.size()), breaksAfter);
  }

  /** The server has written. */
  void written(byte[] bytes) {
    if (clientEnded) {
      return; // nobody reads it
    }
    toClient.add(bytes);
    if (breaksAfter != Integer.MAX_VALUE) {
      breaksAfter -= bytes.length;
      if (breaksAfter == 0) {
        reset();
      }
    }
  }

  /** When the server has written so much more, the connection breaks. */
  void breakAfter(int bytes) {
    breaksAfter = bytes;
  }

  void reset() {
    reset = true;
    toServer.clear();
  }

  boolean isReset() {
    return reset;
  }

  /** The client will send no more, and read no more. */
  void clientEnds() {
    clientEnded = true;
    toClient.clear();
  }

  boolean clientEnded() {
    return clientEnded;
  }

  /** The server will write no more. */
  void serverEnds() {
    serverEnded = true;
  }

  /** Whether the client has read everything that there ever will be. */
  boolean isOver() {
    return toClient.size() == 0 && (serverEnded || reset);
  }
}

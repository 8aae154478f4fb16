package io.gochat.server.registry;

/**
 * What one loop's fan-out has done. Counted in plain fields by the loop, many times a millisecond, and published in
 * volatile ones after each sweep, for any thread to read.
 */
final class LoopCounters {
  long deliveries;
  long sentBytes;
  long sends;
  long dropOuts;
  long logReads;
  long heldBytes;

  private volatile Published published = new Published(0, 0, 0, 0, 0, 0);

  /**
   * The figures at one moment.
   *
   * @param deliveries messages and presence changes sent to members
   * @param sentBytes their bytes
   * @param sends system calls, or writes where they go through the pipeline
   * @param dropOuts members that fell out of the stream and had to read the log
   * @param logReads reads of the log
   * @param heldBytes bytes of chunks held now
   */
  record Published(
      long deliveries, long sentBytes, long sends, long dropOuts, long logReads, long heldBytes) {}

  /** On the loop. */
  void publish() {
    Published last = published;
    if (last.sends != sends || last.logReads != logReads || last.heldBytes != heldBytes) {
      published = new Published(deliveries, sentBytes, sends, dropOuts, logReads, heldBytes);
    }
  }

  /** Any thread. */
  Published read() {
    return published;
  }
}

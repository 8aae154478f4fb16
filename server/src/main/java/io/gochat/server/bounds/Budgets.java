package io.gochat.server.bounds;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.util.List;

/**
 * The budgets of the process: what waits for peers that do not read, and what came from peers that do not finish.
 * Thread-safe.
 *
 * <p>No user holds more than an eighth of one, no client address more than a half (offices and balancers are one
 * address); but both may always hold one answer, or one request, of the largest size.
 */
public final class Budgets {
  /**
   * How many bytes may wait. Immutable.
   *
   * @param outBytes answers that no socket has taken yet
   * @param replayBytes pages of the log that are lent to connections, whose sockets have not taken them yet
   * @param inBytes requests and frames that are not complete yet
   * @param largestAnswerBytes as much one answer may need
   * @param largestRequestBytes as much one request or frame may need
   */
  public record Limits(
      long outBytes,
      long replayBytes,
      long inBytes,
      long largestAnswerBytes,
      long largestRequestBytes) {
    /** 64 MB each; answers of 2 MB, requests of 128 KB. */
    public static final Limits DEFAULT =
        new Limits(64L << 20, 64L << 20, 64L << 20, 2L << 20, 128L << 10);
  }

  private static final int SMALL_PART = 16;

  private final Ledger ledger;
  private final Budget out;
  private final Budget replay;
  private final Budget in;

  /** Shows all of it in {@code meters}. */
  public Budgets(Limits limits, MeterRegistry meters) {
    long smallBytes = limits.outBytes() / SMALL_PART;
    Pool outPool = new Pool(0, limits.outBytes() - smallBytes, limits.largestAnswerBytes());
    Pool smallPool = new Pool(1, smallBytes, Budget.SMALL_BYTES);
    Pool replayPool = new Pool(2, limits.replayBytes(), limits.largestAnswerBytes());
    Pool inPool = new Pool(3, limits.inBytes(), limits.largestRequestBytes());
    this.ledger = Ledger.of(List.of(outPool, smallPool, replayPool, inPool));
    this.out = new Budget("out", outPool, smallPool, meters);
    this.replay = new Budget("replay", replayPool, null, meters);
    this.in = new Budget("in", inPool, null, meters);
  }

  /** A new connection's account, to be closed with it. */
  public Holder holder(InetAddress client) {
    return new Holder(ledger, client);
  }

  /** For tests: who has what. */
  Ledger ledger() {
    return ledger;
  }

  /** Answers that were made, or promised to a command that was accepted, and that no socket has taken yet. */
  public Budget out() {
    return out;
  }

  /** Pages of the log that are lent to connections. */
  public Budget replay() {
    return replay;
  }

  /** Requests and frames that are not complete yet. */
  public Budget in() {
    return in;
  }
}

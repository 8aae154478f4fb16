package io.gochat.client;

import org.jspecify.annotations.Nullable;

/**
 * Where we are in one topic, and so what is new, what came twice, and what is missing. This is where the wire's "at
 * least once" becomes "once". Confined to the client's event loop.
 *
 * <p>A message is known by its epoch, its sequence and its id. The sequence alone is not enough: after an unclean stop
 * a server may use a sequence again for another message. Such a server starts a new epoch and says so with a gap; in
 * case it does not, the ids of the last few messages are compared too, so that a new message is never dropped for
 * having an old number.
 */
final class TopicCursor {
  /** How many ids are remembered; a power of two. */
  private static final int REMEMBERED = 32;

  /** What a delivered message is. */
  enum Verdict {
    /** The next one; the cursor has moved onto it. */
    NEXT,
    /** Handed over before: drop it. */
    DUPLICATE,
    /** What lies before it did not arrive and nobody said that it is lost. */
    HOLE,
    /** It cannot follow what we had: a used sequence with another id, or a start that was announced as broken. */
    RESTARTED
  }

  private final Topic topic;
  private boolean started;
  private long epoch;
  private long seq;
  private long messageId;

  /** The server said that delivery does not start where we stopped; its gap is still to come. */
  private boolean gapAwaited;

  private long announcedEpoch;
  private long @Nullable [] ids;
  private long oldestRememberedSeq;

  /** Knows nothing yet; starts where the server says. */
  TopicCursor(Topic topic) {
    this.topic = topic;
  }

  /** Goes on after {@code from}, unless that is just "the beginning". */
  TopicCursor(Topic topic, Position from) {
    this(topic);
    if (from.epoch() != 0) {
      moveTo(from.epoch(), from.seq(), from.messageId());
    }
  }

  /** What was taken so far, to resume from; null before the start. */
  @Nullable
  Position position() {
    return started ? new Position(epoch, seq, messageId) : null;
  }

  /** In which sequences count on this connection. */
  long epoch() {
    return gapAwaited ? announcedEpoch : epoch;
  }

  /**
   * The server said where delivery starts. Nothing moves when it starts elsewhere than we stopped: should the
   * connection break before the gap arrives, we resume from the old position and are told again.
   */
  void startsAt(long epoch, long nextSeq, boolean recovered) {
    if (started && recovered && nextSeq == seq + 1) {
      // Recognised by its message, whatever its epoch was: the numbers go on, and nothing is
      // missing.
      this.epoch = epoch;
    }
    gapAwaited = !recovered || (started && epoch != this.epoch);
    announcedEpoch = epoch;
    if (!started && !gapAwaited) {
      moveTo(epoch, nextSeq - 1, 0);
    }
  }

  /** The server said what is lost. Returns what to tell; null when we are beyond it already. */
  @Nullable
  Gap lost(long epoch, long fromSeq, long toSeq) {
    if (fromSeq == toSeq + 1 && goesOnAt(toSeq)) {
      takeOver(epoch, toSeq);
      return null;
    }
    boolean sameEpoch = started && epoch == this.epoch;
    if (sameEpoch && !gapAwaited && toSeq <= seq) {
      return null;
    }
    long from = sameEpoch && fromSeq > 0 ? seq + 1 : fromSeq;
    // A position that the server did not recognise although the epoch matches: the numbers may come
    // again.
    boolean changed = started && (!sameEpoch || toSeq < seq || fromSeq == 0);
    moveTo(epoch, toSeq, 0);
    boolean unknown = changed && (sameEpoch || from > toSeq);
    return new Gap(topic, unknown ? 0 : from, toSeq, epoch, changed);
  }

  /** Whether nothing can be missing when the server goes on after {@code toSeq} and says that nothing is lost. */
  private boolean goesOnAt(long toSeq) {
    return !started || !gapAwaited || toSeq == seq;
  }

  /** Only the epoch is another: our place, and the message that it is known by, stay what they are. */
  private void takeOver(long epoch, long toSeq) {
    if (started) {
      this.epoch = epoch;
      this.gapAwaited = false;
    } else {
      moveTo(epoch, toSeq, 0);
    }
  }

  /** Judges a message and, if it is the next one, moves onto it. */
  Verdict judge(long seq, long messageId) {
    if (gapAwaited || !started) {
      return Verdict.RESTARTED;
    }
    if (seq <= this.seq) {
      return isKnownAsOther(seq, messageId) ? Verdict.RESTARTED : Verdict.DUPLICATE;
    }
    if (seq > this.seq + 1) {
      return Verdict.HOLE;
    }
    this.seq = seq;
    this.messageId = messageId;
    remember(seq, messageId);
    return Verdict.NEXT;
  }

  /** Makes {@code seq} the next one, whatever it takes. Returns the gap to tell. */
  Gap skipTo(long seq) {
    boolean hole = started && !gapAwaited && seq > this.seq;
    long from = hole ? this.seq + 1 : 0;
    boolean changed = started && !hole;
    moveTo(epoch(), seq - 1, 0);
    return new Gap(topic, from, seq - 1, epoch, changed);
  }

  private void moveTo(long epoch, long seq, long messageId) {
    this.started = true;
    this.gapAwaited = false;
    this.epoch = epoch;
    this.seq = seq;
    this.messageId = messageId;
    this.oldestRememberedSeq = seq + 1;
    if (messageId != 0) {
      this.oldestRememberedSeq = seq;
      remember(seq, messageId);
    }
  }

  private void remember(long seq, long messageId) {
    long[] known = ids;
    if (known == null) {
      known = new long[REMEMBERED];
      ids = known;
    }
    known[(int) (seq & (REMEMBERED - 1))] = messageId;
  }

  private boolean isKnownAsOther(long seq, long messageId) {
    boolean remembered = seq >= oldestRememberedSeq && seq > this.seq - REMEMBERED;
    return remembered && ids != null && ids[(int) (seq & (REMEMBERED - 1))] != messageId;
  }
}

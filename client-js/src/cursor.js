/** How many ids are remembered. */
const REMEMBERED = 32;

/** What a delivered message is: see {@link TopicCursor#judge}. */
export const Verdict = Object.freeze({
  /** The next one; the cursor has moved onto it. */
  NEXT: 'NEXT',
  /** Handed over before: drop it. */
  DUPLICATE: 'DUPLICATE',
  /** What lies before it did not arrive and nobody said that it is lost. */
  HOLE: 'HOLE',
  /** It cannot follow what we had: a used sequence with another id, or a start that was announced as broken. */
  RESTARTED: 'RESTARTED',
});

/**
 * Messages that cannot be delivered any more, because retention removed them or because the log was replaced.
 *
 * @typedef {object} Gap
 * @property {import('./wire.js').Topic} topic in which they are missing
 * @property {number} fromSeq the first missing sequence; 0: how much is missing is not known
 * @property {number} toSeq the last one; delivery goes on after it
 * @property {number} epoch the epoch that counts from here on
 * @property {boolean} epochChanged sequences start afresh: a number may come again for another message
 */

/**
 * Where we are in one topic, and so what is new, what came twice, and what is missing: here the wire's "at least once"
 * becomes "once".
 *
 * A message is known by its epoch, its sequence and its id. The sequence alone is not enough: after an unclean stop a
 * server may use a sequence again for another message. Such a server starts a new epoch and says so; in case it does
 * not, the ids of the last few messages are compared too, so that a new message is never dropped for having an old
 * number.
 */
export class TopicCursor {
  #topic;
  #started = false;
  #epoch = 0;
  #seq = 0;
  #messageId = 0;
  /** The server said that delivery does not start where we stopped; its gap is still to come. */
  #gapAwaited = false;
  #announcedEpoch = 0;
  /** @type {Map<number, number>} sequence to id */
  #ids = new Map();

  /**
   * Goes on after `from`; without it, or with the beginning, where the server says.
   *
   * @param {import('./wire.js').Topic} topic
   * @param {import('./wire.js').Position | null} [from]
   */
  constructor(topic, from = null) {
    this.#topic = topic;
    if (from !== null && from.epoch !== 0) {
      this.#moveTo(from.epoch, from.seq, from.messageId);
    }
  }

  /** What was taken so far, to resume from; null before the start. */
  get position() {
    return this.#started ? { epoch: this.#epoch, seq: this.#seq, messageId: this.#messageId } : null;
  }

  /** In which sequences count on this connection. */
  get epoch() {
    return this.#gapAwaited ? this.#announcedEpoch : this.#epoch;
  }

  /**
   * The server said where delivery starts. Nothing moves when it starts elsewhere than we stopped: should the
   * connection break before the gap arrives, we resume from the old position and are told again.
   *
   * @param {import('./wire.js').Resumed} start
   * @returns {boolean} whether a new epoch was taken over without a gap
   */
  startsAt({ epoch, nextSeq, recovered }) {
    this.#announcedEpoch = epoch;
    this.#gapAwaited = false;
    if (!this.#started) {
      this.#gapAwaited = !recovered;
      if (recovered) {
        this.#moveTo(epoch, nextSeq - 1, 0);
      }
      return false;
    }
    const renamed = epoch !== this.#epoch;
    // Recognised by its id: the log goes on for us, in another epoch.
    const goesOn = recovered && (!renamed || (this.#messageId !== 0 && nextSeq === this.#seq + 1));
    this.#gapAwaited = !goesOn;
    if (goesOn && renamed) {
      this.#epoch = epoch;
      return true;
    }
    return false;
  }

  /**
   * The server said what is lost.
   *
   * @param {{epoch: number, fromSeq: number, toSeq: number}} lost
   * @returns {Gap | null} what to tell; null: nothing, we are beyond it or only the epoch changed
   */
  lost({ epoch, fromSeq, toSeq }) {
    if (fromSeq === toSeq + 1 && (!this.#started || !this.#gapAwaited || toSeq === this.#seq)) {
      this.#takeOver(epoch, toSeq);
      return null;
    }
    const sameEpoch = this.#started && epoch === this.#epoch;
    if (sameEpoch && !this.#gapAwaited && toSeq <= this.#seq) {
      return null;
    }
    const from = sameEpoch && fromSeq > 0 ? this.#seq + 1 : fromSeq;
    // A position that the server did not recognise although the epoch matches: the numbers may come again.
    const changed = this.#started && (!sameEpoch || toSeq < this.#seq || fromSeq === 0);
    this.#moveTo(epoch, toSeq, 0);
    const unknown = changed && (sameEpoch || from > toSeq);
    return this.#gap(unknown ? 0 : from, toSeq, changed);
  }

  /**
   * Judges a message and, if it is the next one, moves onto it.
   *
   * @param {number} seq
   * @param {number} messageId
   */
  judge(seq, messageId) {
    if (this.#gapAwaited || !this.#started) {
      return Verdict.RESTARTED;
    }
    if (seq <= this.#seq) {
      const known = this.#ids.get(seq);
      return known !== undefined && known !== messageId ? Verdict.RESTARTED : Verdict.DUPLICATE;
    }
    if (seq > this.#seq + 1) {
      return Verdict.HOLE;
    }
    this.#seq = seq;
    this.#messageId = messageId;
    this.#remember(seq, messageId);
    return Verdict.NEXT;
  }

  /**
   * Makes `seq` the next one, whatever it takes.
   *
   * @param {number} seq
   * @returns {Gap} to tell
   */
  skipTo(seq) {
    const hole = this.#started && !this.#gapAwaited && seq > this.#seq;
    const from = hole ? this.#seq + 1 : 0;
    const changed = this.#started && !hole;
    this.#moveTo(this.epoch, seq - 1, 0);
    return this.#gap(from, seq - 1, changed);
  }

  /** Nothing is missing, only the epoch is another: our place stays what it is. @param {number} epoch @param {number} seq */
  #takeOver(epoch, seq) {
    if (this.#started) {
      this.#epoch = epoch;
      this.#gapAwaited = false;
    } else {
      this.#moveTo(epoch, seq, 0);
    }
  }

  /** @param {number} epoch @param {number} seq @param {number} messageId */
  #moveTo(epoch, seq, messageId) {
    this.#started = true;
    this.#gapAwaited = false;
    this.#epoch = epoch;
    this.#seq = seq;
    this.#messageId = messageId;
    this.#ids.clear();
    if (messageId !== 0) {
      this.#remember(seq, messageId);
    }
  }

  /** @param {number} seq @param {number} messageId */
  #remember(seq, messageId) {
    this.#ids.set(seq, messageId);
    this.#ids.delete(seq - REMEMBERED);
  }

  /** @param {number} fromSeq @param {number} toSeq @param {boolean} epochChanged @returns {Gap} */
  #gap(fromSeq, toSeq, epochChanged) {
    return { topic: this.#topic, fromSeq, toSeq, epoch: this.#epoch, epochChanged };
  }
}

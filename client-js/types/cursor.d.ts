/** What a delivered message is: see {@link TopicCursor#judge}. */
export const Verdict: Readonly<{
    /** The next one; the cursor has moved onto it. */
    NEXT: "NEXT";
    /** Handed over before: drop it. */
    DUPLICATE: "DUPLICATE";
    /** What lies before it did not arrive and nobody said that it is lost. */
    HOLE: "HOLE";
    /** It cannot follow what we had: a used sequence with another id, or a start that was announced as broken. */
    RESTARTED: "RESTARTED";
}>;
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
    /**
     * Goes on after `from`; without it, or with the beginning, where the server says.
     *
     * @param {import('./wire.js').Topic} topic
     * @param {import('./wire.js').Position | null} [from]
     */
    constructor(topic: import("./wire.js").Topic, from?: import("./wire.js").Position | null);
    /** What was taken so far, to resume from; null before the start. */
    get position(): {
        epoch: number;
        seq: number;
        messageId: number;
    } | null;
    /** In which sequences count on this connection. */
    get epoch(): number;
    /**
     * The server said where delivery starts. Nothing moves when it starts elsewhere than we stopped: should the
     * connection break before the gap arrives, we resume from the old position and are told again.
     *
     * @param {import('./wire.js').Resumed} start
     * @returns {boolean} whether a new epoch was taken over without a gap
     */
    startsAt({ epoch, nextSeq, recovered }: import("./wire.js").Resumed): boolean;
    /**
     * The server said what is lost.
     *
     * @param {{epoch: number, fromSeq: number, toSeq: number}} lost
     * @returns {Gap | null} what to tell; null: nothing, we are beyond it or only the epoch changed
     */
    lost({ epoch, fromSeq, toSeq }: {
        epoch: number;
        fromSeq: number;
        toSeq: number;
    }): Gap | null;
    /**
     * Judges a message and, if it is the next one, moves onto it.
     *
     * @param {number} seq
     * @param {number} messageId
     */
    judge(seq: number, messageId: number): "NEXT" | "DUPLICATE" | "HOLE" | "RESTARTED";
    /**
     * Makes `seq` the next one, whatever it takes.
     *
     * @param {number} seq
     * @returns {Gap} to tell
     */
    skipTo(seq: number): Gap;
    #private;
}
/**
 * Messages that cannot be delivered any more, because retention removed them or because the log was replaced.
 */
export type Gap = {
    /**
     * in which they are missing
     */
    topic: import("./wire.js").Topic;
    /**
     * the first missing sequence; 0: how much is missing is not known
     */
    fromSeq: number;
    /**
     * the last one; delivery goes on after it
     */
    toSeq: number;
    /**
     * the epoch that counts from here on
     */
    epoch: number;
    /**
     * sequences start afresh: a number may come again for another message
     */
    epochChanged: boolean;
};

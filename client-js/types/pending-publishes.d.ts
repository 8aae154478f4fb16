/**
 * The publishes that are not answered yet. They are sent, and sent again after a lost connection or a passing refusal,
 * always under the same `client_message_id`, until they are answered or expire.
 *
 * Order. A server sequences the publishes of one connection to one topic in the order in which they were sent, and a
 * connection that breaks has delivered a prefix of them. So after a reconnect everything unanswered is sent again from
 * the oldest on, and what the server has already is answered as a duplicate.
 */
export class PendingPublishes {
    /** @param {number} windowPerTopic */
    constructor(windowPerTopic: number);
    /** @param {PendingPublish} publish */
    add(publish: PendingPublish): void;
    /** How many are not answered. */
    get size(): number;
    /** Whether any is on the wire. */
    get isInFlight(): boolean;
    /**
     * Sends what may be sent, topics in turn.
     *
     * @param {number} nowMs
     * @param {(publish: PendingPublish) => number} send returns the request id; 0: larger than the server allows
     * @param {() => boolean} isWritable
     * @returns {PendingPublish[]} what is too large to send; it is removed
     */
    pump(nowMs: number, send: (publish: PendingPublish) => number, isWritable: () => boolean): PendingPublish[];
    /** Whether `requestId` is one of these. @param {number} requestId */
    has(requestId: number): boolean;
    /** The publish that `requestId` answers, which is now done with. @param {number} requestId */
    answered(requestId: number): PendingPublish | null;
    /** The server asked to wait; the publish stays at its place. @param {number} requestId @param {number} untilMs */
    refused(requestId: number, untilMs: number): void;
    /** The connection is gone; nothing is in flight any more, and nobody asked the next one to wait. */
    linkDown(): void;
    /** Removes and returns what is past its deadline. @param {number} nowMs */
    expire(nowMs: number): PendingPublish[];
    /** Removes and returns everything. */
    clear(): PendingPublish[];
    /** When there is something to do next; Infinity: never. @param {number} nowMs */
    nextWakeUpMs(nowMs: number): number;
    #private;
}
/**
 * A publish that waits for its answer.
 */
export type PendingPublish = {
    topic: import("./wire.js").Topic;
    text: string;
    clientMessageId: string;
    deadlineMs: number;
    resolve: (published: any) => void;
    reject: (error: Error) => void;
    /**
     * under which it is on the wire now; 0 or absent: it waits
     */
    requestId?: number | undefined;
    /**
     * whether the server may have stored it
     */
    wasSent?: boolean | undefined;
    /**
     * whether the server has asked to try it again: what follows waits for its answer
     */
    wasRefused?: boolean | undefined;
};

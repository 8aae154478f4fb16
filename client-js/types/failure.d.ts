/**
 * What a WebSocket close code of the server means, should the message that it repeats not have arrived: 4000 + reason
 * and 4500 + reason (final) repeat a `GoAway`, 4100 + code (come back) and 4600 + code (final) a fatal `Error`.
 *
 * @param {number} code
 * @returns {{goAway?: {reason: string, reconnectAfterMs: number, final: boolean}, error?: ChatError, final: boolean}
 *   | null} null: any other end of a connection
 */
export function meaningOf(code: number): {
    goAway?: {
        reason: string;
        reconnectAfterMs: number;
        final: boolean;
    };
    error?: ChatError;
    final: boolean;
} | null;
/** A request that failed. */
export class ChatError extends Error {
    /**
     * @param {CloseReason} reason
     * @param {string} detail
     */
    static closed(reason: CloseReason, detail: string): ChatError;
    /**
     * @param {string} failure a word of the list above; one that is unknown counts as INTERNAL
     * @param {string} message for people
     * @param {{retryAfterMs?: number, closeReason?: CloseReason | null}} [more]
     */
    constructor(failure: string, message: string, { retryAfterMs, closeReason }?: {
        retryAfterMs?: number;
        closeReason?: CloseReason | null;
    });
    /** What went wrong, as a stable word. */
    failure: string;
    /** After how many milliseconds the server suggests to try again; 0: it did not say. */
    retryAfterMs: number;
    /** Why the client is closed, where that is the cause. */
    closeReason: CloseReason | null;
    /** Whether the same request may succeed later. Publishes should be repeated with the same id. */
    get retryable(): boolean;
}
/**
 * Why a client is closed and does not come back by itself: the caller closed it; the token or the credentials are not
 * (or no longer) accepted; another connection of the same device took over; one side did not keep to the protocol; the
 * server will not have us back; no connection within the connect deadline.
 */
export type CloseReason = "CALLER" | "BAD_CREDENTIALS" | "TOKEN_INVALID" | "REVOKED" | "EXPIRED" | "REPLACED" | "PROTOCOL_ERROR" | "REFUSED" | "UNREACHABLE";

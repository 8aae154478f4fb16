/**
 * Tells the server how far the inbox is handled: one acknowledgement at a time and at most ten a second, each for the
 * newest position, and again after a reconnect if it was not confirmed.
 */
export class Acks {
    /** The application is done with everything up to `position`. @param {import('./wire.js').Position} position */
    reached(position: import("./wire.js").Position): void;
    /**
     * Sends what is due.
     *
     * @param {number} nowMs
     * @param {(position: import('./wire.js').Position) => number} send returns the request id
     */
    pump(nowMs: number, send: (position: import("./wire.js").Position) => number): void;
    /**
     * Sends what is owed, due or not: the connection is about to be closed.
     *
     * @param {number} nowMs
     * @param {(position: import('./wire.js').Position) => number} send
     */
    flush(nowMs: number, send: (position: import("./wire.js").Position) => number): void;
    /** Whether `requestId` was ours; it is confirmed now. @param {number} requestId */
    answered(requestId: number): boolean;
    /**
     * Whether `requestId` was ours; a passing failure is tried again, any other is final.
     *
     * @param {number} requestId
     * @param {import('./failure.js').ChatError} error
     * @param {number} nowMs
     */
    failed(requestId: number, error: import("./failure.js").ChatError, nowMs: number): boolean;
    /** The connection is gone; what was not confirmed is owed again. */
    linkDown(): void;
    /** When there is something to do next; Infinity: never. */
    nextWakeUpMs(): number;
    #private;
}

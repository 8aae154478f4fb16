/**
 * How long to wait before the next attempt: exponential with full jitter, so that thousands of clients that lost one
 * server do not come back in step.
 */
export class Backoff {
    /** @param {number} firstMs @param {number} longestMs @param {() => number} random 0 … 1 */
    constructor(firstMs: number, longestMs: number, random: () => number);
    /** A random delay, between 0 and a bound that doubles with each call. */
    nextDelayMs(): number;
    /**
     * The delay when the server named one: never earlier than it said, and a little later at random, because it may have
     * said the same to all.
     *
     * @param {number} serverDelayMs
     */
    afterServerDelayMs(serverDelayMs: number): number;
    /** The connection held: the next loss starts from the shortest delay. */
    reset(): void;
    #private;
}

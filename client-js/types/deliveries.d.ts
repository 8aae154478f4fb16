/** The position of one who has taken note of a message, or of a gap. @param {any} told */
export function positionOf(told: any): {
    epoch: any;
    seq: any;
    messageId: any;
};
/**
 * The queue between the connection and the listeners. They are called one delivery at a time, in order, in the task in
 * which it arrived; a listener that answers with a promise is waited for. A WebSocket cannot be asked to wait, so when
 * too much waits the connection is given up, and made again once the listeners have caught up: what is not here is in
 * the server's log.
 */
export class Deliveries {
    /**
     * @param {import('./positions.js').Positions} positions
     * @param {number} bound
     * @param {{moved: () => void, roomAgain: () => void}} progress told that positions may have moved, and that there is
     *   room again after {@link Deliveries#isFull}
     * @param {(what: string, error: unknown) => void} warn
     */
    constructor(positions: import("./positions.js").Positions, bound: number, progress: {
        moved: () => void;
        roomAgain: () => void;
    }, warn: (what: string, error: unknown) => void);
    /** @param {string} event @param {Function} listener @returns {() => void} takes it away again */
    on(event: string, listener: Function): () => void;
    /** @param {import('./subscriptions.js').Delivery} delivery */
    offer(delivery: import("./subscriptions.js").Delivery): void;
    /** Whether so much waits that no more should come; `roomAgain` is called later. */
    isFull(): boolean;
    /** From now on nothing but states is handed over. */
    discard(): void;
    /** When the listener that is running now has returned, and nothing waits. @returns {Promise<void>} */
    idle(): Promise<void>;
    #private;
}

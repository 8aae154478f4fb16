/**
 * Keeps a client connected: get a token, connect, and all again after a loss, until something final happens. It decides
 * what is final.
 */
export class Connector {
    /**
     * @param {import('./client.js').Options} options
     * @param {import('./conversation.js').Conversation} conversation
     * @param {{state: (phase: string, detail: string, retryInMs: number) => void, welcomed: (identity: any) => void,
     *   ended: (reason: import('./failure.js').CloseReason, detail: string) => void, isFull: () => boolean}} events
     */
    constructor(options: import("./client.js").Options, conversation: import("./conversation.js").Conversation, events: {
        state: (phase: string, detail: string, retryInMs: number) => void;
        welcomed: (identity: any) => void;
        ended: (reason: import("./failure.js").CloseReason, detail: string) => void;
        isFull: () => boolean;
    });
    /** The first attempt. */
    start(): void;
    /** The network or the page came back: no reason to wait any longer, and every reason to look. */
    wake(): void;
    /** Asks whether the connection is still there. */
    probe(): void;
    /** Gives the connection up because only resuming can mend it. @param {string} why */
    reconnect(why: string): void;
    /** Gives the connection up until {@link Connector#release}. @param {string} why */
    hold(why: string): void;
    /** Connects again at once. */
    release(): void;
    /** Nothing is tried any more; {@link Connector#disconnect} ends the present connection. */
    stop(): void;
    /** Closes the present connection. */
    disconnect(): void;
    #private;
}

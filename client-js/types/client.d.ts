/** @typedef {typeof DEFAULTS & {url: string}} Options */
/**
 * What a client is doing. `retryInMs`: while it is not connected, when it tries again. `reason`: why it is closed.
 *
 * @typedef {{phase: 'NEW' | 'CONNECTING' | 'CONNECTED' | 'RECOVERING' | 'CLOSED', detail: string, retryInMs: number,
 *   reason: import('./failure.js').CloseReason | null}} ConnectionState
 */
/** @typedef {{messageId: number, seq: number, duplicate: boolean}} Published */
/** @typedef {{roomId: number, memberCount: number, nextSeq: number, recovered: boolean}} JoinedRoom */
/** @typedef {{roomId: number, count: number, members: import('./wire.js').Member[]}} RoomInfo */
/** @typedef {{roomId: number, count: number, joined: import('./wire.js').Member[], left: import('./wire.js').Member[]}}
 *   Presence */
/** @typedef {{messages: import('./wire.js').Message[], firstSeq: number, lastSeq: number, epoch: number}} History */
/**
 * A user on a device, connected to a GoChat server and staying so.
 *
 * What it keeps. A lost connection is made again, with growing random delays, and everything goes on where it stopped:
 * the inbox and each joined room from the last message taken, publishes and other requests until they are answered or
 * expire. A publish always carries a `client_message_id`, so that however often it is sent it is stored once. Listeners
 * are handed each message once and in the order of its topic; what can no longer be had is told as a gap in its place.
 * Only what is final ends a client: see {@link ConnectionState}.
 *
 * Listeners are called one at a time and in order. One that throws harms neither the others nor the client; one that
 * answers with a promise is waited for, and should not wait for an answer of the same client in it.
 */
export class ChatClient {
    /** A client that does nothing before {@link ChatClient#connect}. @param {Partial<typeof DEFAULTS>} options */
    constructor(options: Partial<typeof DEFAULTS>);
    /**
     * Adds a listener; before {@link ChatClient#connect}, so that it misses nothing.
     *
     * @template {keyof ListenerArguments} E
     * @param {E} event
     * @param {(told: ListenerArguments[E]) => unknown} listener
     * @returns {() => void} takes the listener away again
     */
    on<E extends keyof ListenerArguments>(event: E, listener: (told: ListenerArguments[E]) => unknown): () => void;
    /**
     * Starts to connect, and to be connected from then on. Resolves with the first connection, rejects when the client is
     * closed before. The inbox is delivered from that moment. Calling it again returns the same.
     */
    connect(): Promise<{
        userId: number;
        username: string;
    }>;
    /** Tries again at once, where it is waiting to; looks at once whether the connection is still there, where it is not. */
    wake(): void;
    /** What the client is doing now. */
    get state(): ConnectionState;
    /**
     * Joins a room after `from`; without it, where an earlier client of the same position store stopped, or else from now
     * on. Joined rooms are joined again after each reconnect, without loss. A room that is joined already starts again at
     * `from`.
     *
     * @param {number} roomId
     * @param {import('./wire.js').Position | null} [from]
     * @returns {Promise<JoinedRoom>}
     */
    join(roomId: number, from?: import("./wire.js").Position | null): Promise<JoinedRoom>;
    /** Leaves a room. From the call on nothing of it is handed over. @param {number} roomId @returns {Promise<void>} */
    leave(roomId: number): Promise<void>;
    /**
     * Publishes to a room or into a user's inbox. Resolves when the server has stored it durably; it is tried until the
     * publish expiry, through lost connections and passing refusals. Whoever keeps the id may repeat a publish whose
     * outcome is not known, even from another client.
     *
     * @param {import('./wire.js').Topic} to
     * @param {string} text
     * @param {string} [clientMessageId] 1 to 64 characters
     * @returns {Promise<Published>}
     */
    publish(to: import("./wire.js").Topic, text: string, clientMessageId?: string): Promise<Published>;
    /** An id for a publish that nobody has used. */
    nextMessageId(): string;
    /** Resolves when the outbound queue has room. @returns {Promise<void>} */
    ready(): Promise<void>;
    /**
     * Up to `limit` (1 … 100) messages after `afterSeq`, of a room or of our own inbox.
     *
     * @param {import('./wire.js').Topic} topic
     * @param {number} afterSeq
     * @param {number} [limit]
     * @returns {Promise<History>}
     */
    history(topic: import("./wire.js").Topic, afterSeq: number, limit?: number): Promise<History>;
    /** Who is in a room. @param {number} roomId @returns {Promise<RoomInfo>} */
    roomInfo(roomId: number): Promise<RoomInfo>;
    /**
     * With MANUAL acknowledgement: everything up to this message, or this gap, in its topic is handled. It is saved in the
     * position store and, for the inbox, told to the server.
     *
     * @param {import('./wire.js').Message | import('./cursor.js').Gap} told
     */
    ack(told: import("./wire.js").Message | import("./cursor.js").Gap): void;
    /**
     * Closes: what is unanswered fails as CLOSED, what is not handed over stays unacknowledged and comes again another
     * time, the last acknowledgement is sent. Resolves when all that is done.
     *
     * @returns {Promise<void>}
     */
    close(): Promise<void>;
    #private;
}
export type ListenerArguments = {
    message: import("./wire.js").Message;
    gap: import("./cursor.js").Gap;
    presence: Presence;
    state: ConnectionState;
};
/**
 * Clock, timers and random numbers: for tests.
 */
export type Environment = {
    /**
     * monotonic
     */
    nowMs: () => number;
    setTimeout: (task: () => void, delayMs: number) => any;
    clearTimeout: (timer: any) => void;
    /**
     * 0 … 1
     */
    random: () => number;
    /**
     * tells `online`, `offline`, `pageshow` and `pagehide`
     */
    window: EventTarget | null;
    /**
     * tells `visibilitychange`
     */
    document: EventTarget | null;
};
export type Options = typeof DEFAULTS & {
    url: string;
};
/**
 * What a client is doing. `retryInMs`: while it is not connected, when it tries again. `reason`: why it is closed.
 */
export type ConnectionState = {
    phase: "NEW" | "CONNECTING" | "CONNECTED" | "RECOVERING" | "CLOSED";
    detail: string;
    retryInMs: number;
    reason: import("./failure.js").CloseReason | null;
};
export type Published = {
    messageId: number;
    seq: number;
    duplicate: boolean;
};
export type JoinedRoom = {
    roomId: number;
    memberCount: number;
    nextSeq: number;
    recovered: boolean;
};
export type RoomInfo = {
    roomId: number;
    count: number;
    members: import("./wire.js").Member[];
};
export type Presence = {
    roomId: number;
    count: number;
    joined: import("./wire.js").Member[];
    left: import("./wire.js").Member[];
};
export type History = {
    messages: import("./wire.js").Message[];
    firstSeq: number;
    lastSeq: number;
    epoch: number;
};
declare namespace DEFAULTS {
    export let server: string;
    export let token: string | (() => string | Promise<string>);
    export let deviceId: string;
    export let clientName: string;
    export let ackMode: "AUTO" | "MANUAL";
    export let positionStore: import("./positions.js").PositionStore | null;
    export let heartbeatMs: number;
    export let connectDeadlineMs: number;
    export let handshakeTimeoutMs: number;
    export let publishExpiryMs: number;
    export let requestTimeoutMs: number;
    export let backoffFirstMs: number;
    export let backoffLongestMs: number;
    export let outboundQueue: number;
    export let inboundQueue: number;
    export let publishesInFlightPerTopic: number;
    export let WebSocket: any;
    export let warn: (what: string, error: unknown) => void;
    export { SYSTEM as environment };
}
/**
 * Clock, timers and random numbers: for tests.
 *
 * @typedef {object} Environment
 * @property {() => number} nowMs monotonic
 * @property {(task: () => void, delayMs: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} random 0 … 1
 * @property {EventTarget | null} window tells `online`, `offline`, `pageshow` and `pagehide`
 * @property {EventTarget | null} document tells `visibilitychange`
 */
/** @type {Environment} */
declare const SYSTEM: Environment;
export {};

/**
 * How a connection ended: it broke or never came up; the server said goodbye; it refused us (for good, if final); what
 * came was no message of the protocol, or none that may come here.
 *
 * @typedef {{kind: 'lost', detail: string}
 *   | {kind: 'wentAway', goAway: {reason: string, reconnectAfterMs: number, final: boolean}}
 *   | {kind: 'refused', error: import('./failure.js').ChatError, final: boolean}
 *   | {kind: 'broken', detail: string, welcomed: boolean}} Down
 */
/**
 * Who is told; nothing after `down`, and nothing after {@link Link#close}.
 *
 * @typedef {object} LinkEvents
 * @property {(link: Link, welcome: any) => void} welcomed the handshake is done
 * @property {(frame: import('./wire.js').Frame) => void} received any later message but pongs, goodbyes, fatal errors
 * @property {() => void} goingAway the server is about to close: no new commands
 * @property {(down: Down) => void} down it is over
 */
/**
 * One WebSocket: handshake, messages, heartbeat. It judges nothing beyond that and never reconnects.
 *
 * Heartbeat. The server's own PINGs are answered by the browser, unseen; so a client that has heard nothing for a
 * heartbeat says `ping`, and gives up when 1.5 heartbeats later nothing has come. A timer that slept (a hidden tab, a
 * closed lid) proves nothing: what came meanwhile may still wait behind it. Then it asks again, and waits again.
 */
export class Link {
    /**
     * @param {object} hello the first command; has a `request_id`
     * @param {{heartbeatMs: number, handshakeTimeoutMs: number}} times a heartbeat of 0: as the server asks
     * @param {import('./client.js').Environment} environment
     * @param {LinkEvents} events
     */
    constructor(hello: object, times: {
        heartbeatMs: number;
        handshakeTimeoutMs: number;
    }, environment: import("./client.js").Environment, events: LinkEvents);
    /** Connects. @param {any} WebSocketClass @param {string} url */
    open(WebSocketClass: any, url: string): void;
    /** Whether the socket takes more for now. */
    get isWritable(): boolean;
    /** Sends a command. @param {object} command @returns {boolean} false: it is larger than the server takes */
    send(command: object): boolean;
    /** Something happened that connections do not survive: asks at once whether this one did. */
    probe(): void;
    /** Ends it after a goodbye, when nothing is unanswered: the server need not be waited for. */
    goodbye(): void;
    /** Closes; nothing is told any more. */
    close(): void;
    #private;
}
/**
 * How a connection ended: it broke or never came up; the server said goodbye; it refused us (for good, if final); what
 * came was no message of the protocol, or none that may come here.
 */
export type Down = {
    kind: "lost";
    detail: string;
} | {
    kind: "wentAway";
    goAway: {
        reason: string;
        reconnectAfterMs: number;
        final: boolean;
    };
} | {
    kind: "refused";
    error: import("./failure.js").ChatError;
    final: boolean;
} | {
    kind: "broken";
    detail: string;
    welcomed: boolean;
};
/**
 * Who is told; nothing after `down`, and nothing after {@link Link#close}.
 */
export type LinkEvents = {
    /**
     * the handshake is done
     */
    welcomed: (link: Link, welcome: any) => void;
    /**
     * any later message but pongs, goodbyes, fatal errors
     */
    received: (frame: import("./wire.js").Frame) => void;
    /**
     * the server is about to close: no new commands
     */
    goingAway: () => void;
    /**
     * it is over
     */
    down: (down: Down) => void;
};

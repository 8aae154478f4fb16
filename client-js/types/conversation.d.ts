/**
 * What is being said, whichever connection it is said on: publishes, requests, acknowledgements and subscriptions
 * outlive a {@link import('./link.js').Link} and go on with the next.
 */
export class Conversation {
    /**
     * @param {import('./client.js').Options} options
     * @param {import('./positions.js').Positions} positions
     * @param {{deliver: (delivery: any) => void, broken: (why: string) => void, left: () => void}} events `left`: a
     *   publish or a request is done with
     */
    constructor(options: import("./client.js").Options, positions: import("./positions.js").Positions, events: {
        deliver: (delivery: any) => void;
        broken: (why: string) => void;
        left: () => void;
    });
    /** The inbox and the rooms. */
    subscriptions: Subscriptions;
    /** Takes a publish and sends it when it can be sent. @param {import('./pending-publishes.js').PendingPublish} publish */
    publish(publish: import("./pending-publishes.js").PendingPublish): void;
    /** Takes a request and sends it when it can be sent. @param {import('./requests.js').Request} request */
    request(request: import("./requests.js").Request): void;
    /** The first command of a connection. @param {string} token */
    hello(token: string): {
        request_id: number;
        hello: {
            token: string;
            device_id: string;
            client: string;
            resume: {
                topic: {
                    room_id: number;
                } | {
                    user_id: number;
                };
                epoch: number;
                seq: number;
                message_id: number;
            }[];
        };
    };
    /**
     * A connection is up: everything owed goes out on it, in its order.
     *
     * @param {import('./link.js').Link} link
     * @param {any} welcome
     */
    linkUp(link: import("./link.js").Link, welcome: any): void;
    /** The connection is gone. */
    linkDown(): void;
    /** No new commands on this connection. */
    linkGoingAway(): void;
    /** Whether nothing is unanswered that the server may still answer. */
    get isQuiet(): boolean;
    /**
     * Starts the delivery of a room; without `answered` nobody waits for it.
     *
     * @param {import('./subscriptions.js').Subscription} room
     * @param {{kind: 'PLAIN' | 'REJOIN', answered?: (joined: any) => void, failed?: (error: ChatError) => void,
     *   deadlineMs?: number}} how
     * @returns {import('./requests.js').Request}
     */
    joinRequest(room: import("./subscriptions.js").Subscription, { kind, answered, failed, deadlineMs }: {
        kind: "PLAIN" | "REJOIN";
        answered?: (joined: any) => void;
        failed?: (error: ChatError) => void;
        deadlineMs?: number;
    }): import("./requests.js").Request;
    /** Sends what may be sent, fails what has expired, and sees to it that this happens again in time. */
    pump(): void;
    /** Sends the last acknowledgement before the connection is closed. */
    flushAcks(): void;
    /** Takes a message from the present connection. @param {import('./wire.js').Frame} frame */
    received(frame: import("./wire.js").Frame): void;
    /** Nothing will be answered any more. @param {ChatError} reason */
    close(reason: ChatError): void;
    #private;
}
import { Subscriptions } from './subscriptions.js';
import { ChatError } from './failure.js';

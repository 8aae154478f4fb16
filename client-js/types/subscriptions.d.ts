/** "From the beginning of what is kept." */
export const BEGINNING: Readonly<{
    epoch: 0;
    seq: 0;
    messageId: 0;
}>;
/** One topic that is delivered to us. */
export class Subscription {
    /**
     * Starts after `from`; null: where the server says.
     *
     * @param {import('./wire.js').Topic} topic
     * @param {import('./wire.js').Position | null} from
     */
    constructor(topic: import("./wire.js").Topic, from: import("./wire.js").Position | null);
    topic: import("./wire.js").Topic;
    cursor: TopicCursor;
    /** Whether deliveries on the present connection are ours: not before the server has said where they start. */
    isLive: boolean;
    /** Whether the server has joined us once, so that a reconnect rejoins within `Hello`. */
    isAnswered: boolean;
    /** Nothing of it may reach the application any more. */
    isLeft: boolean;
    /** The position store has been read. Only before the server was asked. @param {import('./wire.js').Position} from */
    startFrom(from: import("./wire.js").Position): void;
    /** What to resume from; null: from now on, or for an inbox from what was acknowledged. */
    get resumeFrom(): Readonly<{
        epoch: 0;
        seq: 0;
        messageId: 0;
    }> | {
        epoch: number;
        seq: number;
        messageId: number;
    } | null;
    /** @param {import('./wire.js').Resumed} start @returns {boolean} whether the epoch got another name */
    startsAt(start: import("./wire.js").Resumed): boolean;
    /** Whether this hole was there the last time too, so that resuming does not fill it. */
    isHoleSeenAgain(): boolean;
    #private;
}
/**
 * What is handed to the listeners, or (`renamed`) moves positions in its place among it.
 *
 * @typedef {{kind: 'message' | 'gap' | 'presence' | 'renamed' | 'state', value: any, subscription: Subscription | null}}
 *   Delivery
 */
/** The inbox and the rooms that are delivered to us: what to resume when we connect, and what of the arriving is new. */
export class Subscriptions {
    /**
     * @param {import('./positions.js').Positions} positions
     * @param {(delivery: Delivery) => void} out takes what is new
     * @param {(why: string) => void} broken only a resume can fill a hole: must end the connection
     */
    constructor(positions: import("./positions.js").Positions, out: (delivery: Delivery) => void, broken: (why: string) => void);
    /**
     * Takes up the positions of an earlier client. The application may have joined rooms while the store was still being
     * read: nothing was sent yet, and they too go on where that one stopped.
     */
    loaded(): void;
    /** Whether an inbox is resumed of which no server has said that it is ours; it is given up. */
    forgetUnconfirmedInbox(): boolean;
    /**
     * A room to join: from `from`; without it from where we are, else from where an earlier client was, else from now on.
     *
     * @param {number} roomId
     * @param {import('./wire.js').Position | null} from
     */
    join(roomId: number, from: import("./wire.js").Position | null): Subscription;
    /** Nothing of the room is handed over any more. @param {number} roomId */
    leave(roomId: number): void;
    /** A join that failed: as if it had not been asked for. @param {Subscription} room */
    drop(room: Subscription): void;
    /** Whether `room` is still what we want. @param {Subscription} room */
    isCurrent(room: Subscription): boolean;
    /** What to resume in `Hello`, as much as fits into `maxChars`. @param {number} maxChars */
    resume(maxChars: number): {
        topic: {
            room_id: number;
        } | {
            user_id: number;
        };
        epoch: number;
        seq: number;
        message_id: number;
    }[];
    /**
     * The server said where everything starts.
     *
     * @param {number} userId
     * @param {import('./wire.js').Resumed[]} resumed
     * @returns {Subscription[]} the rooms that it has not resumed and that must be joined
     */
    welcomed(userId: number, resumed: import("./wire.js").Resumed[]): Subscription[];
    /**
     * The server said where a topic starts.
     *
     * @param {Subscription} subscription
     * @param {import('./wire.js').Resumed} start
     */
    startsAt(subscription: Subscription, start: import("./wire.js").Resumed): void;
    /** The connection is gone: nothing is ours before the server has said where it starts again. */
    linkDown(): void;
    /** A message arrived. @param {import('./wire.js').Message} message */
    delivered(message: import("./wire.js").Message): void;
    /** The server said that something is lost. @param {{topic: any, fromSeq: number, toSeq: number, epoch: number}} lost */
    lost(lost: {
        topic: any;
        fromSeq: number;
        toSeq: number;
        epoch: number;
    }): void;
    /** Somebody came or went. @param {any} presence */
    presence(presence: any): void;
    #private;
}
/**
 * What is handed to the listeners, or (`renamed`) moves positions in its place among it.
 */
export type Delivery = {
    kind: "message" | "gap" | "presence" | "renamed" | "state";
    value: any;
    subscription: Subscription | null;
};
import { TopicCursor } from './cursor.js';

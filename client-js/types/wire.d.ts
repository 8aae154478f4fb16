/**
 * A room, the inbox of a user, or (to publish only) the inbox of the user who has a name.
 *
 * @typedef {{readonly roomId: number} | {readonly userId: number} | {readonly userName: string}} Topic
 */
/**
 * "I have been handed everything up to and including seq." `epoch` 0 and `seq` 0: the beginning of what is kept.
 *
 * @typedef {{epoch: number, seq: number, messageId: number}} Position
 */
/**
 * @typedef {object} Message one message of a topic
 * @property {Topic} topic the room it was published to, or the inbox it arrived in
 * @property {number} epoch in which `seq` counts
 * @property {number} seq 1, 2, 3, … within topic and epoch
 * @property {number} messageId unique in the server's store, not ordered
 * @property {number} fromUserId the sender
 * @property {string} fromUserName the sender's name
 * @property {number} toUserId the recipient of a direct message, else 0
 * @property {string} toUserName the recipient's name, else empty
 * @property {string} text what was said
 * @property {number} createdAtMs Unix time, by the server's clock
 */
/** @typedef {{userId: number, username: string}} Member */
/**
 * @typedef {{topic: Topic | null, epoch: number, seq: number, recovered: boolean, nextSeq: number}} Resumed
 */
/**
 * @typedef {object} Frame what the server said
 * @property {number} requestId of the command that it answers; 0: of none
 * @property {string} event the member's name; empty: one that this client does not know
 * @property {any} body what it says, in this client's form
 */
/** @param {number} roomId @returns {Topic} */
export function room(roomId: number): Topic;
/** @param {number} userId @returns {Topic} */
export function user(userId: number): Topic;
/** The inbox of whoever has this name: for publishing. @param {string} userName @returns {Topic} */
export function named(userName: string): Topic;
/** A string that is equal for equal topics. @param {Topic} topic */
export function keyOf(topic: Topic): string;
/** The topic of such a string; null: none. @param {string} key @returns {Topic | null} */
export function topicOf(key: string): Topic | null;
/** @param {any} value @returns {value is Position} */
export function isPosition(value: any): value is Position;
/**
 * As the wire has it.
 *
 * @param {Topic} topic
 * @returns {{room_id: number} | {user_id: number}}
 */
export function wireTopic(topic: Topic): {
    room_id: number;
} | {
    user_id: number;
};
/** @param {Topic} topic @param {Position} from */
export function wirePosition(topic: Topic, from: Position): {
    topic: {
        room_id: number;
    } | {
        user_id: number;
    };
    epoch: number;
    seq: number;
    message_id: number;
};
/** How many bytes a text has in UTF-8. @param {string} text */
export function byteLength(text: string): number;
/** @param {unknown} data what a WebSocket received @returns {Frame} */
export function parse(data: unknown): Frame;
/**
 * The border to the wire: JSON messages with the names of the protocol outside, objects that were checked inside. What
 * does not have the announced type throws; members, events and words that are not known are ignored.
 */
/** The subprotocol of the WebSocket. */
export const SUBPROTOCOL: "gochat.v1.json";
/** What came is no message of the protocol. */
export class WireError extends Error {
}
/**
 * A room, the inbox of a user, or (to publish only) the inbox of the user who has a name.
 */
export type Topic = {
    readonly roomId: number;
} | {
    readonly userId: number;
} | {
    readonly userName: string;
};
/**
 * "I have been handed everything up to and including seq." `epoch` 0 and `seq` 0: the beginning of what is kept.
 */
export type Position = {
    epoch: number;
    seq: number;
    messageId: number;
};
/**
 * one message of a topic
 */
export type Message = {
    /**
     * the room it was published to, or the inbox it arrived in
     */
    topic: Topic;
    /**
     * in which `seq` counts
     */
    epoch: number;
    /**
     * 1, 2, 3, … within topic and epoch
     */
    seq: number;
    /**
     * unique in the server's store, not ordered
     */
    messageId: number;
    /**
     * the sender
     */
    fromUserId: number;
    /**
     * the sender's name
     */
    fromUserName: string;
    /**
     * the recipient of a direct message, else 0
     */
    toUserId: number;
    /**
     * the recipient's name, else empty
     */
    toUserName: string;
    /**
     * what was said
     */
    text: string;
    /**
     * Unix time, by the server's clock
     */
    createdAtMs: number;
};
export type Member = {
    userId: number;
    username: string;
};
export type Resumed = {
    topic: Topic | null;
    epoch: number;
    seq: number;
    recovered: boolean;
    nextSeq: number;
};
/**
 * what the server said
 */
export type Frame = {
    /**
     * of the command that it answers; 0: of none
     */
    requestId: number;
    /**
     * the member's name; empty: one that this client does not know
     */
    event: string;
    /**
     * what it says, in this client's form
     */
    body: any;
};

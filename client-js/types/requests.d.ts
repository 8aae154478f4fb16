/**
 * A command other than a publish: safe to send again, so it simply is.
 *
 * @typedef {object} Request
 * @property {'PLAIN' | 'FETCH' | 'LEAVE' | 'REJOIN'} kind PLAIN: as many at once as there are. FETCH: one at a time,
 *   beyond that the server stops reading from us. LEAVE: the end of the connection answers it too, since with it every
 *   room is left. REJOIN: a join that restores what we had, tried until it succeeds
 * @property {() => object} command makes the command at the moment of sending, so that it tells the position of then
 * @property {string} expects the event that answers it
 * @property {(body: any) => void} answered
 * @property {(error: ChatError) => void} failed told once when there will be no answer
 * @property {() => boolean} isObsolete whether nobody needs it any more
 * @property {number} deadlineMs when to give up
 */
/** @typedef {{request: Request, notBeforeMs: number}} Entry */
/**
 * The requests that are not answered yet, publishes excepted. What is unanswered when the connection breaks is sent
 * again on the next one, in order.
 */
export class Requests {
    /** @param {Request} request */
    add(request: Request): void;
    get isInFlight(): boolean;
    /** Sends what may be sent. @param {number} nowMs @param {(request: Request) => number} send returns the request id */
    pump(nowMs: number, send: (request: Request) => number): void;
    /** Takes an answer. @param {import('./wire.js').Frame} frame @returns {boolean} whether it is for one of these */
    answered(frame: import("./wire.js").Frame): boolean;
    /**
     * Takes a failure: tried again later where that makes sense.
     *
     * @param {number} requestId
     * @param {ChatError} error
     * @param {number} untilMs when it may be tried again
     * @returns {boolean} whether it is of one of these
     */
    failed(requestId: number, error: ChatError, untilMs: number): boolean;
    /** The connection is gone. */
    linkDown(): void;
    /** Fails what is past its deadline. @param {number} nowMs */
    expire(nowMs: number): void;
    /** Fails everything. @param {ChatError} error */
    clear(error: ChatError): void;
    /** When there is something to do next; Infinity: never. @param {number} nowMs */
    nextWakeUpMs(nowMs: number): number;
    #private;
}
/**
 * A command other than a publish: safe to send again, so it simply is.
 */
export type Request = {
    /**
     * PLAIN: as many at once as there are. FETCH: one at a time,
     * beyond that the server stops reading from us. LEAVE: the end of the connection answers it too, since with it every
     * room is left. REJOIN: a join that restores what we had, tried until it succeeds
     */
    kind: "PLAIN" | "FETCH" | "LEAVE" | "REJOIN";
    /**
     * makes the command at the moment of sending, so that it tells the position of then
     */
    command: () => object;
    /**
     * the event that answers it
     */
    expects: string;
    answered: (body: any) => void;
    /**
     * told once when there will be no answer
     */
    failed: (error: ChatError) => void;
    /**
     * whether nobody needs it any more
     */
    isObsolete: () => boolean;
    /**
     * when to give up
     */
    deadlineMs: number;
};
export type Entry = {
    request: Request;
    notBeforeMs: number;
};
import { ChatError } from './failure.js';

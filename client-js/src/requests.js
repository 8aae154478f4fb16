import { ChatError } from './failure.js';

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
  /** @type {Entry[]} */
  #waiting = [];
  /** @type {Map<number, Entry>} */
  #inFlight = new Map();

  /** @param {Request} request */
  add(request) {
    this.#waiting.push({ request, notBeforeMs: 0 });
  }

  get isInFlight() {
    return this.#inFlight.size > 0;
  }

  /** Sends what may be sent. @param {number} nowMs @param {(request: Request) => number} send returns the request id */
  pump(nowMs, send) {
    let fetching = [...this.#inFlight.values()].some((entry) => entry.request.kind === 'FETCH');
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const entry of waiting) {
      const isFetch = entry.request.kind === 'FETCH';
      if (entry.notBeforeMs > nowMs || (isFetch && fetching)) {
        this.#waiting.push(entry);
      } else if (entry.request.isObsolete()) {
        giveUp(entry.request);
      } else {
        this.#inFlight.set(send(entry.request), entry);
        fetching ||= isFetch;
      }
    }
  }

  /** Takes an answer. @param {import('./wire.js').Frame} frame @returns {boolean} whether it is for one of these */
  answered(frame) {
    const entry = this.#inFlight.get(frame.requestId);
    if (entry === undefined) {
      return false;
    }
    this.#inFlight.delete(frame.requestId);
    if (frame.event === entry.request.expects) {
      entry.request.answered(frame.body);
    } else {
      entry.request.failed(new ChatError('INTERNAL', "the server's answer does not fit the request"));
    }
    return true;
  }

  /**
   * Takes a failure: tried again later where that makes sense.
   *
   * @param {number} requestId
   * @param {ChatError} error
   * @param {number} untilMs when it may be tried again
   * @returns {boolean} whether it is of one of these
   */
  failed(requestId, error, untilMs) {
    const entry = this.#inFlight.get(requestId);
    if (entry === undefined) {
      return false;
    }
    this.#inFlight.delete(requestId);
    const passing = error.failure === 'OVERLOADED' || error.failure === 'STORE_UNAVAILABLE';
    if ((passing || entry.request.kind === 'REJOIN') && !entry.request.isObsolete()) {
      entry.notBeforeMs = untilMs;
      this.#waiting.push(entry);
    } else {
      entry.request.failed(error);
    }
    return true;
  }

  /** The connection is gone. */
  linkDown() {
    const again = [...this.#inFlight.values(), ...this.#waiting];
    this.#inFlight.clear();
    this.#waiting = [];
    for (const entry of again) {
      entry.notBeforeMs = 0;
      if (entry.request.kind === 'LEAVE') {
        entry.request.answered({});
      } else if (entry.request.isObsolete()) {
        giveUp(entry.request);
      } else {
        this.#waiting.push(entry);
      }
    }
  }

  /** Fails what is past its deadline. @param {number} nowMs */
  expire(nowMs) {
    const isExpired = (/** @type {Entry} */ entry) => entry.request.deadlineMs <= nowMs;
    const expired = this.#waiting.filter(isExpired);
    this.#waiting = this.#waiting.filter((entry) => !isExpired(entry));
    for (const [requestId, entry] of this.#inFlight) {
      if (isExpired(entry)) {
        this.#inFlight.delete(requestId);
        expired.push(entry);
      }
    }
    for (const entry of expired) {
      entry.request.failed(new ChatError('EXPIRED', 'no answer within the request timeout'));
    }
  }

  /** Fails everything. @param {ChatError} error */
  clear(error) {
    const all = [...this.#inFlight.values(), ...this.#waiting];
    this.#inFlight.clear();
    this.#waiting = [];
    all.forEach((entry) => entry.request.failed(error));
  }

  /** When there is something to do next; Infinity: never. @param {number} nowMs */
  nextWakeUpMs(nowMs) {
    let next = Infinity;
    for (const entry of this.#waiting) {
      next = Math.min(next, entry.request.deadlineMs);
      if (entry.notBeforeMs > nowMs) {
        next = Math.min(next, entry.notBeforeMs);
      }
    }
    for (const entry of this.#inFlight.values()) {
      next = Math.min(next, entry.request.deadlineMs);
    }
    return next;
  }
}

/** @param {Request} request */
function giveUp(request) {
  request.failed(new ChatError('CLOSED', 'the room was left meanwhile'));
}

import { keyOf } from './wire.js';

/** The server answers no more publishes than these at once; beyond, it stops reading. */
const MAX_UNANSWERED = 64;

/**
 * A publish that waits for its answer.
 *
 * @typedef {object} PendingPublish
 * @property {import('./wire.js').Topic} topic
 * @property {string} text
 * @property {string} clientMessageId
 * @property {number} deadlineMs
 * @property {(published: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {number} [requestId] under which it is on the wire now; 0 or absent: it waits
 * @property {boolean} [wasSent] whether the server may have stored it
 * @property {boolean} [wasRefused] whether the server has asked to try it again: what follows waits for its answer
 */

/**
 * The unanswered publishes to one topic, oldest first. An entry keeps its place until it is answered, so that sending
 * again after a refusal or a lost connection keeps the order.
 */
class TopicPublishes {
  /** @type {PendingPublish[]} */
  entries = [];
  heldUntilMs = 0;
  #window;

  /** Lets up to `window` publishes be on the wire at once. @param {number} window */
  constructor(window) {
    this.#window = window;
  }

  /** What may be sent now. @param {number} nowMs @returns {PendingPublish | null} */
  next(nowMs) {
    if (nowMs < this.heldUntilMs) {
      return null;
    }
    let inFlight = 0;
    for (const entry of this.entries) {
      if (!entry.requestId) {
        return entry;
      }
      // The server refused it once already; should it do so again, nothing behind it may have got through.
      if (entry.wasRefused || ++inFlight >= this.#window) {
        return null;
      }
    }
    return null;
  }
}

/**
 * The publishes that are not answered yet. They are sent, and sent again after a lost connection or a passing refusal,
 * always under the same `client_message_id`, until they are answered or expire.
 *
 * Order. A server sequences the publishes of one connection to one topic in the order in which they were sent, and a
 * connection that breaks has delivered a prefix of them. So after a reconnect everything unanswered is sent again from
 * the oldest on, and what the server has already is answered as a duplicate.
 */
export class PendingPublishes {
  #window;
  /** @type {Set<PendingPublish>} */
  #oldestFirst = new Set();
  /** @type {Map<string, TopicPublishes>} */
  #lanes = new Map();
  /** @type {Map<number, PendingPublish>} */
  #inFlight = new Map();

  /** @param {number} windowPerTopic */
  constructor(windowPerTopic) {
    this.#window = windowPerTopic;
  }

  /** @param {PendingPublish} publish */
  add(publish) {
    this.#oldestFirst.add(publish);
    const key = keyOf(publish.topic);
    const lane = this.#lanes.get(key) ?? new TopicPublishes(this.#window);
    lane.entries.push(publish);
    this.#lanes.set(key, lane);
  }

  /** How many are not answered. */
  get size() {
    return this.#oldestFirst.size;
  }

  /** Whether any is on the wire. */
  get isInFlight() {
    return this.#inFlight.size > 0;
  }

  /**
   * Sends what may be sent, topics in turn.
   *
   * @param {number} nowMs
   * @param {(publish: PendingPublish) => number} send returns the request id; 0: larger than the server allows
   * @param {() => boolean} isWritable
   * @returns {PendingPublish[]} what is too large to send; it is removed
   */
  pump(nowMs, send, isWritable) {
    const tooLarge = [];
    let lanes = [...this.#lanes.values()];
    while (lanes.length > 0) {
      const again = [];
      for (const lane of lanes) {
        if (this.#inFlight.size >= MAX_UNANSWERED || !isWritable()) {
          return tooLarge;
        }
        const next = lane.next(nowMs);
        if (next !== null) {
          again.push(lane);
          const requestId = send(next);
          if (requestId === 0) {
            tooLarge.push(next);
            this.#remove(next);
          } else {
            next.requestId = requestId;
            next.wasSent = true;
            this.#inFlight.set(requestId, next);
          }
        }
      }
      lanes = again;
    }
    return tooLarge;
  }

  /** Whether `requestId` is one of these. @param {number} requestId */
  has(requestId) {
    return this.#inFlight.has(requestId);
  }

  /** The publish that `requestId` answers, which is now done with. @param {number} requestId */
  answered(requestId) {
    const publish = this.#inFlight.get(requestId) ?? null;
    if (publish !== null) {
      this.#remove(publish);
    }
    return publish;
  }

  /** The server asked to wait; the publish stays at its place. @param {number} requestId @param {number} untilMs */
  refused(requestId, untilMs) {
    const publish = this.#inFlight.get(requestId);
    if (publish !== undefined) {
      this.#inFlight.delete(requestId);
      publish.requestId = 0;
      publish.wasRefused = true;
      const lane = /** @type {TopicPublishes} */ (this.#lanes.get(keyOf(publish.topic)));
      lane.heldUntilMs = Math.max(lane.heldUntilMs, untilMs);
    }
  }

  /** The connection is gone; nothing is in flight any more, and nobody asked the next one to wait. */
  linkDown() {
    for (const publish of this.#inFlight.values()) {
      publish.requestId = 0;
    }
    this.#inFlight.clear();
    for (const lane of this.#lanes.values()) {
      lane.heldUntilMs = 0;
    }
  }

  /** Removes and returns what is past its deadline. @param {number} nowMs */
  expire(nowMs) {
    const expired = [];
    for (const publish of this.#oldestFirst) {
      if (publish.deadlineMs > nowMs) {
        break;
      }
      expired.push(publish);
    }
    expired.forEach((publish) => this.#remove(publish));
    return expired;
  }

  /** Removes and returns everything. */
  clear() {
    const all = [...this.#oldestFirst];
    all.forEach((publish) => this.#remove(publish));
    return all;
  }

  /** When there is something to do next; Infinity: never. @param {number} nowMs */
  nextWakeUpMs(nowMs) {
    const [oldest] = this.#oldestFirst;
    let next = oldest?.deadlineMs ?? Infinity;
    for (const lane of this.#lanes.values()) {
      if (lane.heldUntilMs > nowMs) {
        next = Math.min(next, lane.heldUntilMs);
      }
    }
    return next;
  }

  /** @param {PendingPublish} publish */
  #remove(publish) {
    this.#oldestFirst.delete(publish);
    const key = keyOf(publish.topic);
    const lane = this.#lanes.get(key);
    if (lane !== undefined) {
      lane.entries.splice(lane.entries.indexOf(publish), 1);
      if (lane.entries.length === 0) {
        this.#lanes.delete(key);
      }
    }
    if (publish.requestId) {
      this.#inFlight.delete(publish.requestId);
    }
  }
}

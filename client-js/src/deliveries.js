/**
 * The queue between the connection and the listeners. They are called one delivery at a time, in order, in the task in
 * which it arrived; a listener that answers with a promise is waited for. A WebSocket cannot be asked to wait, so when
 * too much waits the connection is given up, and made again once the listeners have caught up: what is not here is in
 * the server's log.
 */
export class Deliveries {
  #positions;
  #bound;
  #progress;
  #warn;
  /** @type {Record<string, Function[]>} */
  #listeners = { message: [], gap: [], presence: [], state: [] };
  /** @type {import('./subscriptions.js').Delivery[]} */
  #queue = [];
  #head = 0;
  #isDraining = false;
  #isFull = false;
  #isDiscarding = false;
  /** @type {Array<() => void>} */
  #whenIdle = [];

  /**
   * @param {import('./positions.js').Positions} positions
   * @param {number} bound
   * @param {{moved: () => void, roomAgain: () => void}} progress told that positions may have moved, and that there is
   *   room again after {@link Deliveries#isFull}
   * @param {(what: string, error: unknown) => void} warn
   */
  constructor(positions, bound, progress, warn) {
    this.#positions = positions;
    this.#bound = bound;
    this.#progress = progress;
    this.#warn = warn;
  }

  /** @param {string} event @param {Function} listener @returns {() => void} takes it away again */
  on(event, listener) {
    const listeners = this.#listeners[event];
    if (listeners === undefined) {
      throw new TypeError(`no such event: ${event}; there are ${Object.keys(this.#listeners)}`);
    }
    listeners.push(listener);
    return () => {
      this.#listeners[event] = this.#listeners[event].filter((other) => other !== listener);
    };
  }

  /** @param {import('./subscriptions.js').Delivery} delivery */
  offer(delivery) {
    this.#queue.push(delivery);
    if (!this.#isDraining) {
      this.#drain();
    }
  }

  /** Whether so much waits that no more should come; `roomAgain` is called later. */
  isFull() {
    this.#isFull ||= this.#queue.length - this.#head >= this.#bound;
    return this.#isFull;
  }

  /** From now on nothing but states is handed over. */
  discard() {
    this.#isDiscarding = true;
  }

  /** When the listener that is running now has returned, and nothing waits. @returns {Promise<void>} */
  idle() {
    return this.#isDraining ? new Promise((resolve) => this.#whenIdle.push(resolve)) : Promise.resolve();
  }

  async #drain() {
    this.#isDraining = true;
    while (this.#head < this.#queue.length) {
      const delivery = this.#queue[this.#head++];
      if (this.#head > 1_024 && this.#head * 2 > this.#queue.length) {
        this.#queue.splice(0, this.#head);
        this.#head = 0;
      }
      for (const pending of this.#tell(delivery)) {
        try {
          await pending;
        } catch (error) {
          this.#threw(error);
        }
      }
      this.#toldAll(delivery);
    }
    this.#queue.length = 0;
    this.#head = 0;
    this.#isDraining = false;
    this.#whenIdle.splice(0).forEach((resolve) => resolve());
  }

  /** @param {import('./subscriptions.js').Delivery} delivery @returns {Promise<unknown>[]} what must be waited for */
  #tell({ kind, value, subscription }) {
    const isGone = subscription?.isLeft || (this.#isDiscarding && kind !== 'state');
    const pending = [];
    for (const listener of isGone ? [] : (this.#listeners[kind] ?? [])) {
      try {
        const answer = listener(value);
        if (typeof answer?.then === 'function') {
          pending.push(answer);
        }
      } catch (error) {
        this.#threw(error);
      }
    }
    return pending;
  }

  /** @param {import('./subscriptions.js').Delivery} delivery */
  #toldAll({ kind, value, subscription }) {
    // A listener itself may have left the room: then there is no position to keep.
    if (subscription !== null && !subscription.isLeft && !this.#isDiscarding) {
      if (kind === 'message') {
        this.#positions.handedOver(subscription.topic, positionOf(value));
      } else if (kind === 'gap') {
        this.#positions.handedOver(subscription.topic, positionOf(value));
      } else if (kind === 'renamed') {
        this.#positions.renamed(subscription.topic, value);
      }
      this.#progress.moved();
    }
    if (this.#isFull && this.#queue.length - this.#head <= this.#bound / 2) {
      this.#isFull = false;
      this.#progress.roomAgain();
    }
  }

  /** @param {unknown} error */
  #threw(error) {
    this.#warn('a listener threw; what it was told counts as handed over', error);
  }
}

/** The position of one who has taken note of a message, or of a gap. @param {any} told */
export function positionOf(told) {
  return 'messageId' in told
    ? { epoch: told.epoch, seq: told.seq, messageId: told.messageId }
    : { epoch: told.epoch, seq: told.toSeq, messageId: 0 };
}

/** Acknowledgements are at least so far apart. */
const INTERVAL_MS = 100;

/**
 * Tells the server how far the inbox is handled: one acknowledgement at a time and at most ten a second, each for the
 * newest position, and again after a reconnect if it was not confirmed.
 */
export class Acks {
  /** @type {import('./wire.js').Position | null} */
  #target = null;
  #confirmed = '';
  #sent = '';
  #sentAs = 0;
  #notBeforeMs = 0;

  /** The application is done with everything up to `position`. @param {import('./wire.js').Position} position */
  reached(position) {
    this.#target = position;
  }

  /**
   * Sends what is due.
   *
   * @param {number} nowMs
   * @param {(position: import('./wire.js').Position) => number} send returns the request id
   */
  pump(nowMs, send) {
    if (this.#isOwed && this.#sent === '' && nowMs >= this.#notBeforeMs) {
      this.#send(nowMs, send);
    }
  }

  /**
   * Sends what is owed, due or not: the connection is about to be closed.
   *
   * @param {number} nowMs
   * @param {(position: import('./wire.js').Position) => number} send
   */
  flush(nowMs, send) {
    if (this.#isOwed && this.#sent !== nameOf(this.#target)) {
      this.#send(nowMs, send);
    }
  }

  /** Whether `requestId` was ours; it is confirmed now. @param {number} requestId */
  answered(requestId) {
    if (this.#sent === '' || this.#sentAs !== requestId) {
      return false;
    }
    this.#confirmed = this.#sent;
    this.#sent = '';
    return true;
  }

  /**
   * Whether `requestId` was ours; a passing failure is tried again, any other is final.
   *
   * @param {number} requestId
   * @param {import('./failure.js').ChatError} error
   * @param {number} nowMs
   */
  failed(requestId, error, nowMs) {
    if (this.#sent === '' || this.#sentAs !== requestId) {
      return false;
    }
    if (error.retryable) {
      this.#notBeforeMs = nowMs + Math.max(INTERVAL_MS, error.retryAfterMs);
    } else {
      // The server does not know this position (any more); the next one may be better.
      this.#confirmed = this.#sent;
    }
    this.#sent = '';
    return true;
  }

  /** The connection is gone; what was not confirmed is owed again. */
  linkDown() {
    this.#sent = '';
  }

  /** When there is something to do next; Infinity: never. */
  nextWakeUpMs() {
    return this.#isOwed && this.#sent === '' ? this.#notBeforeMs : Infinity;
  }

  get #isOwed() {
    return this.#target !== null && this.#target.seq > 0 && nameOf(this.#target) !== this.#confirmed;
  }

  /** @param {number} nowMs @param {(position: import('./wire.js').Position) => number} send */
  #send(nowMs, send) {
    const position = /** @type {import('./wire.js').Position} */ (this.#target);
    this.#sent = nameOf(position);
    this.#notBeforeMs = nowMs + INTERVAL_MS;
    this.#sentAs = send(position);
  }
}

/** @param {import('./wire.js').Position | null} position */
function nameOf(position) {
  return position === null ? '' : `${position.epoch}/${position.seq}`;
}

/**
 * How long to wait before the next attempt: exponential with full jitter, so that thousands of clients that lost one
 * server do not come back in step.
 */
export class Backoff {
  #firstMs;
  #longestMs;
  #random;
  #attempts = 0;

  /** @param {number} firstMs @param {number} longestMs @param {() => number} random 0 … 1 */
  constructor(firstMs, longestMs, random) {
    this.#firstMs = Math.max(1, firstMs);
    this.#longestMs = Math.max(this.#firstMs, longestMs);
    this.#random = random;
  }

  /** A random delay, between 0 and a bound that doubles with each call. */
  nextDelayMs() {
    const boundMs = Math.min(this.#longestMs, this.#firstMs * 2 ** Math.min(this.#attempts, 40));
    this.#attempts++;
    return this.#random() * boundMs;
  }

  /**
   * The delay when the server named one: never earlier than it said, and a little later at random, because it may have
   * said the same to all.
   *
   * @param {number} serverDelayMs
   */
  afterServerDelayMs(serverDelayMs) {
    return serverDelayMs + this.#random() * this.#firstMs;
  }

  /** The connection held: the next loss starts from the shortest delay. */
  reset() {
    this.#attempts = 0;
  }
}

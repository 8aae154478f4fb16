/**
 * Every way in which a request can fail, and whether the same request may succeed later. The first ten are the
 * server's words (`ErrorCode`), by their numbers; the others are this client's.
 */
const RETRYABLE = {
  UNKNOWN_COMMAND: false,
  INVALID_ARGUMENT: false,
  TOKEN_INVALID: false,
  FORBIDDEN: false,
  RECIPIENT_UNKNOWN: false,
  CLIENT_MESSAGE_ID_REUSED: false,
  STORE_UNAVAILABLE: true,
  OVERLOADED: true,
  TOO_MANY: true,
  INTERNAL: true,
  BAD_CREDENTIALS: false,
  NAME_TAKEN: false,
  QUEUE_FULL: true,
  EXPIRED: true,
  UNREACHABLE: true,
  CLOSED: false,
};

const CODES = Object.keys(RETRYABLE).slice(0, 10);

const REASONS = ['DRAIN', 'REVOKED', 'EXPIRED', 'REPLACED', 'IDLE', 'PROTOCOL_ERROR', 'OVERLOAD'];

/**
 * Why a client is closed and does not come back by itself: the caller closed it; the token or the credentials are not
 * (or no longer) accepted; another connection of the same device took over; one side did not keep to the protocol; the
 * server will not have us back; no connection within the connect deadline.
 *
 * @typedef {'CALLER'|'BAD_CREDENTIALS'|'TOKEN_INVALID'|'REVOKED'|'EXPIRED'|'REPLACED'|'PROTOCOL_ERROR'|'REFUSED'
 *   |'UNREACHABLE'} CloseReason
 */

/** @type {Record<string, string>} */
const FAILURE_OF = {
  BAD_CREDENTIALS: 'BAD_CREDENTIALS',
  TOKEN_INVALID: 'TOKEN_INVALID',
  REVOKED: 'TOKEN_INVALID',
  EXPIRED: 'TOKEN_INVALID',
  UNREACHABLE: 'UNREACHABLE',
};

/** A request that failed. */
export class ChatError extends Error {
  /**
   * @param {string} failure a word of the list above; one that is unknown counts as INTERNAL
   * @param {string} message for people
   * @param {{retryAfterMs?: number, closeReason?: CloseReason | null}} [more]
   */
  constructor(failure, message, { retryAfterMs = 0, closeReason = null } = {}) {
    const known = Object.hasOwn(RETRYABLE, failure) ? failure : 'INTERNAL';
    super(`${known}: ${message}`);
    this.name = 'ChatError';
    /** What went wrong, as a stable word. */
    this.failure = known;
    /** After how many milliseconds the server suggests to try again; 0: it did not say. */
    this.retryAfterMs = retryAfterMs;
    /** Why the client is closed, where that is the cause. */
    this.closeReason = closeReason;
  }

  /** Whether the same request may succeed later. Publishes should be repeated with the same id. */
  get retryable() {
    return RETRYABLE[/** @type {keyof typeof RETRYABLE} */ (this.failure)];
  }

  /**
   * @param {CloseReason} reason
   * @param {string} detail
   */
  static closed(reason, detail) {
    const text = detail ? `client closed, ${reason}, ${detail}` : `client closed, ${reason}`;
    return new ChatError(FAILURE_OF[reason] ?? 'CLOSED', text, { closeReason: reason });
  }
}

/**
 * What a WebSocket close code of the server means, should the message that it repeats not have arrived: 4000 + reason
 * and 4500 + reason (final) repeat a `GoAway`, 4100 + code (come back) and 4600 + code (final) a fatal `Error`.
 *
 * @param {number} code
 * @returns {{goAway?: {reason: string, reconnectAfterMs: number, final: boolean}, error?: ChatError, final: boolean}
 *   | null} null: any other end of a connection
 */
export function meaningOf(code) {
  if (code < 4000 || code > 4699 || (code > 4199 && code < 4500)) {
    return null;
  }
  const final = code >= 4500;
  const number = code % 100;
  if (code % 500 < 100) {
    return { goAway: { reason: REASONS[number - 1] ?? '', reconnectAfterMs: 0, final }, final };
  }
  const name = CODES[number - 1] ?? 'INTERNAL';
  return { error: new ChatError(name, `closed with ${code}`), final };
}

import { Backoff } from './backoff.js';
import { ChatError } from './failure.js';
import { Link } from './link.js';

/** A connection that held for so long was a good one: the next loss starts from the shortest delay. */
const GOOD_AFTER_MS = 5_000;

/**
 * Keeps a client connected: get a token, connect, and all again after a loss, until something final happens. It decides
 * what is final.
 */
export class Connector {
  #options;
  #environment;
  #conversation;
  #events;
  #backoff;
  #token = '';
  #tokenIsFresh = false;
  /** @type {Link | null} */
  #link = null;
  /** @type {any} */
  #retryTimer = null;
  /** @type {any} */
  #deadlineTimer = null;
  #phase = 'NEW';
  #lastTrouble = '';
  #connectedAtMs = 0;
  #attempt = 0;
  #isHeld = false;

  /**
   * @param {import('./client.js').Options} options
   * @param {import('./conversation.js').Conversation} conversation
   * @param {{state: (phase: string, detail: string, retryInMs: number) => void, welcomed: (identity: any) => void,
   *   ended: (reason: import('./failure.js').CloseReason, detail: string) => void, isFull: () => boolean}} events
   */
  constructor(options, conversation, events) {
    this.#options = options;
    this.#environment = options.environment;
    this.#conversation = conversation;
    this.#events = events;
    this.#backoff = new Backoff(options.backoffFirstMs, options.backoffLongestMs, options.environment.random);
  }

  /** The first attempt. */
  start() {
    this.#enter('CONNECTING', '');
    if (this.#options.connectDeadlineMs > 0) {
      this.#deadlineTimer = this.#environment.setTimeout(
        () => this.#end('UNREACHABLE', this.#lastTrouble),
        this.#options.connectDeadlineMs,
      );
    }
    this.#try();
  }

  /** The network or the page came back: no reason to wait any longer, and every reason to look. */
  wake() {
    if (this.#link !== null) {
      this.#link.probe();
    } else if (this.#retryTimer !== null && !this.#isHeld) {
      this.#backoff.reset();
      this.#tryIn(this.#backoff.nextDelayMs());
    }
  }

  /** Asks whether the connection is still there. */
  probe() {
    this.#link?.probe();
  }

  /** Gives the connection up because only resuming can mend it. @param {string} why */
  reconnect(why) {
    if (this.#link !== null) {
      this.#link.close();
      this.#down({ kind: 'lost', detail: why });
    }
  }

  /** Gives the connection up until {@link Connector#release}. @param {string} why */
  hold(why) {
    if (!this.#isHeld && this.#link !== null) {
      this.#isHeld = true;
      this.reconnect(why);
    }
  }

  /** Connects again at once. */
  release() {
    if (this.#isHeld) {
      this.#isHeld = false;
      this.#tryIn(0);
    }
  }

  /** Nothing is tried any more; {@link Connector#disconnect} ends the present connection. */
  stop() {
    this.#phase = 'CLOSED';
    this.#attempt++;
    this.#environment.clearTimeout(this.#retryTimer);
    this.#environment.clearTimeout(this.#deadlineTimer);
  }

  /** Closes the present connection. */
  disconnect() {
    this.#link?.close();
    this.#link = null;
  }

  async #try() {
    this.#retryTimer = null;
    const mine = ++this.#attempt;
    try {
      if (this.#token === '') {
        const token = await this.#askForToken();
        if (mine !== this.#attempt) {
          return;
        }
        this.#token = token;
        this.#tokenIsFresh = true;
      }
    } catch (error) {
      if (mine === this.#attempt) {
        this.#noToken(error);
      }
      return;
    }
    this.#open();
  }

  /** @returns {Promise<string>} */
  async #askForToken() {
    const { token, handshakeTimeoutMs } = this.#options;
    /** @type {any} */
    let timer;
    const late = new Promise((_, reject) => {
      timer = this.#environment.setTimeout(() => reject(new Error('no token in time')), handshakeTimeoutMs);
    });
    try {
      const answer = await Promise.race([typeof token === 'function' ? token() : token, late]);
      if (typeof answer !== 'string' || answer === '') {
        throw new ChatError('TOKEN_INVALID', 'there is no token');
      }
      return answer;
    } finally {
      this.#environment.clearTimeout(timer);
    }
  }

  /** @param {any} error */
  #noToken(error) {
    const detail = String(error?.message ?? error);
    if (error instanceof ChatError && !error.retryable) {
      this.#end(error.failure === 'BAD_CREDENTIALS' ? 'BAD_CREDENTIALS' : 'TOKEN_INVALID', detail);
    } else {
      this.#retry(detail, error instanceof ChatError ? error.retryAfterMs : 0);
    }
  }

  #open() {
    /** @type {Link} */
    const link = new Link(this.#conversation.hello(this.#token), this.#options, this.#environment, {
      welcomed: (_, welcome) => this.#welcomed(link, welcome),
      received: (frame) => this.#received(link, frame),
      goingAway: () => {
        this.#conversation.linkGoingAway();
        this.#endWhenQuiet(link);
      },
      down: (down) => this.#down(down),
    });
    this.#link = link;
    link.open(this.#options.WebSocket, this.#options.url);
  }

  /** @param {Link} link @param {any} welcome */
  #welcomed(link, welcome) {
    this.#tokenIsFresh = false;
    this.#connectedAtMs = this.#environment.nowMs();
    this.#environment.clearTimeout(this.#deadlineTimer);
    this.#conversation.linkUp(link, welcome);
    if (this.#link === link) {
      this.#enter('CONNECTED', '');
      this.#events.welcomed({ userId: welcome.userId, username: welcome.username });
    }
  }

  /** @param {Link} link @param {import('./wire.js').Frame} frame */
  #received(link, frame) {
    this.#conversation.received(frame);
    this.#endWhenQuiet(link);
    if (this.#link === link && this.#events.isFull()) {
      this.hold('the listeners are behind');
    }
  }

  /** After a goodbye only answers are worth waiting for; deliveries come again. @param {Link} link */
  #endWhenQuiet(link) {
    if (this.#link === link && this.#conversation.isQuiet) {
      link.goodbye();
    }
  }

  /** @param {import('./link.js').Down} down */
  #down(down) {
    this.#link = null;
    this.#conversation.linkDown();
    if (this.#phase === 'CLOSED') {
      return; // closing was under way already; there is nothing left to decide
    }
    switch (down.kind) {
      case 'wentAway':
        this.#wentAway(down.goAway);
        break;
      case 'refused':
        this.#refused(down.error, down.final);
        break;
      case 'broken':
        // In front of the first welcome it is another kind of server; afterwards it may be an accident on the way.
        if (down.welcomed) {
          this.#retry(down.detail, 0);
        } else {
          this.#end('PROTOCOL_ERROR', down.detail);
        }
        break;
      default:
        this.#retry(down.detail, 0);
    }
  }

  /** @param {{reason: string, reconnectAfterMs: number, final: boolean}} goAway */
  #wentAway({ reason, reconnectAfterMs, final }) {
    const detail = `the server said goodbye: ${reason}`;
    switch (reason) {
      case 'EXPIRED':
        this.#renewTokenOrEnd('EXPIRED', detail);
        break;
      case 'REVOKED':
      case 'REPLACED':
      case 'PROTOCOL_ERROR':
        this.#end(reason, detail);
        break;
      default:
        if (final) {
          this.#end('REFUSED', detail);
        } else {
          this.#retry(detail, reconnectAfterMs);
        }
    }
  }

  /** @param {ChatError} error @param {boolean} final */
  #refused(error, final) {
    if (error.failure === 'TOKEN_INVALID') {
      this.#renewTokenOrEnd('TOKEN_INVALID', error.message);
    } else if (!final) {
      this.#retry(error.message, error.retryAfterMs);
    } else if (error.failure === 'FORBIDDEN' && this.#conversation.subscriptions.forgetUnconfirmedInbox()) {
      this.#retry('the position store was another user’s', 0);
    } else {
      this.#end('REFUSED', error.message);
    }
  }

  /**
   * A token that served and no longer does is replaced, where somebody can be asked; a new one must not be refused.
   *
   * @param {'EXPIRED' | 'TOKEN_INVALID'} reason
   * @param {string} detail
   */
  #renewTokenOrEnd(reason, detail) {
    if (typeof this.#options.token === 'function' && !this.#tokenIsFresh) {
      this.#token = '';
      this.#retry(detail, 0);
    } else {
      this.#end(reason, detail);
    }
  }

  /** @param {string} detail @param {number} serverDelayMs */
  #retry(detail, serverDelayMs) {
    this.#lastTrouble = detail;
    if (this.#phase === 'CONNECTED' && this.#environment.nowMs() - this.#connectedAtMs >= GOOD_AFTER_MS) {
      this.#backoff.reset();
    }
    const delayMs =
      serverDelayMs > 0 ? this.#backoff.afterServerDelayMs(serverDelayMs) : this.#backoff.nextDelayMs();
    this.#enter(this.#phase === 'CONNECTING' ? 'CONNECTING' : 'RECOVERING', detail, delayMs);
    if (!this.#isHeld && this.#phase !== 'CLOSED') {
      this.#tryIn(delayMs);
    }
  }

  /** @param {number} delayMs */
  #tryIn(delayMs) {
    this.#environment.clearTimeout(this.#retryTimer);
    this.#retryTimer = this.#environment.setTimeout(() => this.#try(), delayMs);
  }

  /** @param {import('./failure.js').CloseReason} reason @param {string} detail */
  #end(reason, detail) {
    this.stop();
    this.disconnect();
    this.#events.ended(reason, detail);
  }

  /** @param {string} next @param {string} detail @param {number} [retryInMs] */
  #enter(next, detail, retryInMs = 0) {
    this.#phase = next;
    this.#events.state(next, detail, retryInMs);
  }
}

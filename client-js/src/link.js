import { meaningOf } from './failure.js';
import { SUBPROTOCOL, WireError, byteLength, parse } from './wire.js';

/** After a goodbye the server closes within 5 s; a second of grace. */
const GOODBYE_MS = 6_000;

const DEFAULT_HEARTBEAT_MS = 30_000;

/** How long the answer to a ping may take when somebody has reason to ask whether the connection is still there. */
const PROBE_MS = 5_000;

/** Before the welcome says otherwise. */
const DEFAULT_MAX_BYTES = 128 * 1024;

/** What the socket may hold of ours before we wait for it. */
const MAX_BUFFERED_BYTES = 256 * 1024;

/**
 * How a connection ended: it broke or never came up; the server said goodbye; it refused us (for good, if final); what
 * came was no message of the protocol, or none that may come here.
 *
 * @typedef {{kind: 'lost', detail: string}
 *   | {kind: 'wentAway', goAway: {reason: string, reconnectAfterMs: number, final: boolean}}
 *   | {kind: 'refused', error: import('./failure.js').ChatError, final: boolean}
 *   | {kind: 'broken', detail: string, welcomed: boolean}} Down
 */

/**
 * Who is told; nothing after `down`, and nothing after {@link Link#close}.
 *
 * @typedef {object} LinkEvents
 * @property {(link: Link, welcome: any) => void} welcomed the handshake is done
 * @property {(frame: import('./wire.js').Frame) => void} received any later message but pongs, goodbyes, fatal errors
 * @property {() => void} goingAway the server is about to close: no new commands
 * @property {(down: Down) => void} down it is over
 */

/**
 * One WebSocket: handshake, messages, heartbeat. It judges nothing beyond that and never reconnects.
 *
 * Heartbeat. The server's own PINGs are answered by the browser, unseen; so a client that has heard nothing for a
 * heartbeat says `ping`, and gives up when 1.5 heartbeats later nothing has come. A timer that slept (a hidden tab, a
 * closed lid) proves nothing: what came meanwhile may still wait behind it. Then it asks again, and waits again.
 */
export class Link {
  #environment;
  #events;
  #hello;
  #heartbeatMs = DEFAULT_HEARTBEAT_MS;
  #heartbeatOverrideMs;
  /** @type {any} */
  #socket = null;
  #welcomed = false;
  #over = false;
  /** @type {Down | null} what the server said before it closed */
  #said = null;
  #maxBytes = DEFAULT_MAX_BYTES;
  #lastReadMs = 0;
  #lastWriteMs = 0;
  #pingedAtMs = 0;
  #answerDueMs = Infinity;
  /** @type {any} */
  #timer = null;

  /**
   * @param {object} hello the first command; has a `request_id`
   * @param {{heartbeatMs: number, handshakeTimeoutMs: number}} times a heartbeat of 0: as the server asks
   * @param {import('./client.js').Environment} environment
   * @param {LinkEvents} events
   */
  constructor(hello, times, environment, events) {
    this.#hello = hello;
    this.#heartbeatOverrideMs = times.heartbeatMs;
    this.#environment = environment;
    this.#events = events;
    this.#after(times.handshakeTimeoutMs, () => this.#lost('no welcome in time'));
  }

  /** Connects. @param {any} WebSocketClass @param {string} url */
  open(WebSocketClass, url) {
    try {
      this.#socket = new WebSocketClass(url, [SUBPROTOCOL]);
    } catch (error) {
      this.#lost(String(error));
      return;
    }
    this.#socket.onopen = () => this.#opened();
    this.#socket.onmessage = (/** @type {{data: unknown}} */ event) => this.#read(event.data);
    this.#socket.onclose = (/** @type {{code: number, reason: string}} */ event) => this.#closed(event);
    this.#socket.onerror = () => this.#lost('the connection failed'); // not everywhere does a close follow
  }

  /** Whether the socket takes more for now. */
  get isWritable() {
    return !this.#over && this.#socket.bufferedAmount < MAX_BUFFERED_BYTES;
  }

  /** Sends a command. @param {object} command @returns {boolean} false: it is larger than the server takes */
  send(command) {
    const text = JSON.stringify(command);
    if (text.length > this.#maxBytes || (text.length * 3 > this.#maxBytes && byteLength(text) > this.#maxBytes)) {
      return false;
    }
    if (!this.#over) {
      this.#lastWriteMs = this.#nowMs();
      this.#socket.send(text);
    }
    return true;
  }

  /** Something happened that connections do not survive: asks at once whether this one did. */
  probe() {
    if (this.#welcomed && !this.#over) {
      this.#ping(Math.min(PROBE_MS, this.#heartbeatMs));
    }
  }

  /** Ends it after a goodbye, when nothing is unanswered: the server need not be waited for. */
  goodbye() {
    if (this.#said !== null) {
      this.#down(this.#said);
    }
  }

  /** Closes; nothing is told any more. */
  close() {
    this.#finish();
  }

  #opened() {
    if (!this.#over) {
      if (!this.send(this.#hello)) {
        this.#lost('a hello that is too large');
      }
    }
  }

  /** @param {unknown} data */
  #read(data) {
    if (this.#over) {
      return;
    }
    this.#lastReadMs = this.#nowMs();
    this.#answerDueMs = Infinity;
    let frame;
    try {
      frame = parse(data);
    } catch (error) {
      if (!(error instanceof WireError)) {
        throw error;
      }
      this.#down({ kind: 'broken', detail: error.message, welcomed: this.#welcomed });
      return;
    }
    this.#take(frame);
  }

  /** @param {import('./wire.js').Frame} frame */
  #take(frame) {
    switch (frame.event) {
      case 'go_away':
        this.#closing({ kind: 'wentAway', goAway: frame.body });
        break;
      case 'error':
        this.#error(frame);
        break;
      case 'welcome':
        this.#welcome(frame.body);
        break;
      case 'pong': // proves that the server is there
      case '': // what a newer server may send
        break;
      default:
        if (this.#welcomed) {
          this.#events.received(frame);
        } else {
          const detail = `a ${frame.event} before the welcome`;
          this.#down({ kind: 'broken', detail, welcomed: false });
        }
    }
  }

  /** @param {import('./wire.js').Frame} frame */
  #error(frame) {
    const { error, fatal } = frame.body;
    if (fatal) {
      this.#closing({ kind: 'refused', error, final: !error.retryable });
    } else if (this.#welcomed) {
      this.#events.received(frame);
    } else {
      this.#down({ kind: 'refused', error, final: !error.retryable });
    }
  }

  /** @param {any} welcome */
  #welcome(welcome) {
    if (this.#welcomed) {
      this.#down({ kind: 'broken', detail: 'a second welcome', welcomed: true });
      return;
    }
    this.#welcomed = true;
    this.#maxBytes = welcome.maxFrameBytes || this.#maxBytes;
    this.#heartbeatMs = this.#heartbeatOverrideMs || welcome.heartbeatMs || DEFAULT_HEARTBEAT_MS;
    this.#beatLater();
    this.#events.welcomed(this, welcome);
  }

  /** The server said why it is about to close; its answers to what is under way may still come. @param {Down} said */
  #closing(said) {
    if (this.#said === null) {
      this.#said = said;
      this.#after(GOODBYE_MS, () => this.#lost('the server did not close'));
      if (said.kind === 'wentAway') {
        this.#events.goingAway();
      }
    }
  }

  /** @param {{code: number, reason: string}} event */
  #closed({ code, reason }) {
    const meant = meaningOf(code);
    if (this.#said?.kind === 'refused' && meant?.error) {
      this.#said.final = meant.final;
    } else if (this.#said === null && meant?.goAway) {
      this.#said = { kind: 'wentAway', goAway: meant.goAway };
    } else if (this.#said === null && meant?.error) {
      this.#said = { kind: 'refused', error: meant.error, final: meant.final };
    }
    this.#lost(reason ? `the connection was closed: ${code} ${reason}` : `the connection was closed: ${code}`);
  }

  // ---- heartbeat

  #beatLater() {
    const now = this.#nowMs();
    const quietSince = Math.max(Math.min(this.#lastReadMs, this.#lastWriteMs), this.#pingedAtMs);
    const dueMs = Math.min(quietSince + this.#heartbeatMs, this.#answerDueMs);
    this.#after(Math.max(1, dueMs - now), () => this.#beat(dueMs));
  }

  /** One timer, that looks when it fires and not at each message. @param {number} dueMs when it should have fired */
  #beat(dueMs) {
    const now = this.#nowMs();
    const slept = now - dueMs > this.#heartbeatMs / 2;
    if (now >= this.#answerDueMs && !slept) {
      this.#lost(`the server was silent for ${Math.round(now - this.#lastReadMs)} ms`);
    } else if (slept) {
      this.#ping(Math.min(PROBE_MS, this.#heartbeatMs));
    } else if (now >= Math.max(Math.min(this.#lastReadMs, this.#lastWriteMs), this.#pingedAtMs) + this.#heartbeatMs) {
      this.#ping(this.#heartbeatMs * 1.5);
    } else {
      this.#beatLater();
    }
  }

  /** @param {number} withinMs in which something must come */
  #ping(withinMs) {
    const now = this.#nowMs();
    this.#pingedAtMs = now;
    this.#answerDueMs = Math.min(this.#answerDueMs > now ? this.#answerDueMs : Infinity, now + withinMs);
    this.send({ ping: {} });
    if (this.#said === null) {
      this.#beatLater();
    }
  }

  // ---- ending

  /** @param {string} detail */
  #lost(detail) {
    this.#down({ kind: 'lost', detail });
  }

  /** @param {Down} down */
  #down(down) {
    if (!this.#over) {
      this.#finish();
      this.#events.down(this.#said ?? down);
    }
  }

  #finish() {
    this.#over = true;
    this.#environment.clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket !== null) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.onerror = () => {};
      socket.close(1000);
    }
  }

  /** @param {number} delayMs @param {() => void} task */
  #after(delayMs, task) {
    this.#environment.clearTimeout(this.#timer);
    this.#timer = this.#environment.setTimeout(() => {
      if (!this.#over) {
        task();
      }
    }, delayMs);
  }

  #nowMs() {
    return this.#environment.nowMs();
  }
}

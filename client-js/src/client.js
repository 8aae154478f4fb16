import { Connector } from './connector.js';
import { Conversation } from './conversation.js';
import { Deliveries, positionOf } from './deliveries.js';
import { ChatError } from './failure.js';
import { Positions } from './positions.js';
import { room as roomTopic, wireTopic } from './wire.js';

const MAX_FETCH = 100;
const MAX_ID_CHARS = 64;

/** A store is written this long after a position moved, for all that moved meanwhile. */
const SAVE_AFTER_MS = 100;

/**
 * Clock, timers and random numbers: for tests.
 *
 * @typedef {object} Environment
 * @property {() => number} nowMs monotonic
 * @property {(task: () => void, delayMs: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} random 0 … 1
 * @property {EventTarget | null} window tells `online`, `offline`, `pageshow` and `pagehide`
 * @property {EventTarget | null} document tells `visibilitychange`
 */

/** @type {Environment} */
const SYSTEM = {
  nowMs: () => performance.now(),
  setTimeout: (task, delayMs) => setTimeout(task, delayMs),
  clearTimeout: (timer) => clearTimeout(timer),
  random: Math.random,
  window: globalThis.window ?? null,
  document: globalThis.document ?? null,
};

const DEFAULTS = {
  /** The server's address, with the path that a proxy puts in front of it: `https://chat.example.com/gochat`. */
  server: '',
  /** A token of `/user/login`, or a function that gets one: asked first, and again when the server refuses the last. */
  token: /** @type {string | (() => string | Promise<string>)} */ (''),
  /** Stable for this installation: a second connection of the same device replaces the first. Empty: anonymous. */
  deviceId: '',
  /** Name and version, for the server's logs and metrics. */
  clientName: 'gochat-js',
  /** AUTO: what was handed over counts as handled when the listeners have returned. MANUAL: when `ack` is called. */
  ackMode: /** @type {'AUTO' | 'MANUAL'} */ ('AUTO'),
  /** Keeps positions beyond the life of the client. */
  positionStore: /** @type {import('./positions.js').PositionStore | null} */ (null),
  /** 0: as the server asks. */
  heartbeatMs: 0,
  /** How long the first connection is tried until the client closes as UNREACHABLE. 0: for ever. */
  connectDeadlineMs: 0,
  /** The most that one attempt, from the socket to the welcome, may take; also the most that `token` may. */
  handshakeTimeoutMs: 10_000,
  /** How long a publish is tried, across reconnects, until it fails as EXPIRED. */
  publishExpiryMs: 60_000,
  /** The same for joins, history and room info. */
  requestTimeoutMs: 30_000,
  /** Reconnect delays are random between 0 and a bound that doubles from this … */
  backoffFirstMs: 200,
  /** … to this. */
  backoffLongestMs: 30_000,
  /** How many publishes and requests may wait for their answer; beyond, QUEUE_FULL. */
  outboundQueue: 1_000,
  /** How many messages may wait for listeners that answer with promises; beyond, the connection is given up until
   * they have caught up. */
  inboundQueue: 1_000,
  /** How many publishes to one topic may be on the wire unanswered, 1 … 64. With 1 they are stored in the order in
   * which they were made, whatever happens; with more, one that is refused for overload may be overtaken. */
  publishesInFlightPerTopic: 1,
  /** Where the platform has none: the class to make WebSockets with. */
  WebSocket: /** @type {any} */ (globalThis.WebSocket),
  /** Told what the application should know but nobody waits for. */
  warn: /** @type {(what: string, error: unknown) => void} */ ((what, error) => console.warn(what, error)),
  environment: SYSTEM,
};

/** @typedef {typeof DEFAULTS & {url: string}} Options */

/**
 * What a client is doing. `retryInMs`: while it is not connected, when it tries again. `reason`: why it is closed.
 *
 * @typedef {{phase: 'NEW' | 'CONNECTING' | 'CONNECTED' | 'RECOVERING' | 'CLOSED', detail: string, retryInMs: number,
 *   reason: import('./failure.js').CloseReason | null}} ConnectionState
 */

/** @typedef {{messageId: number, seq: number, duplicate: boolean}} Published */
/** @typedef {{roomId: number, memberCount: number, nextSeq: number, recovered: boolean}} JoinedRoom */
/** @typedef {{roomId: number, count: number, members: import('./wire.js').Member[]}} RoomInfo */
/** @typedef {{roomId: number, count: number, joined: import('./wire.js').Member[], left: import('./wire.js').Member[]}}
 *   Presence */
/** @typedef {{messages: import('./wire.js').Message[], firstSeq: number, lastSeq: number, epoch: number}} History */

/**
 * A user on a device, connected to a GoChat server and staying so.
 *
 * What it keeps. A lost connection is made again, with growing random delays, and everything goes on where it stopped:
 * the inbox and each joined room from the last message taken, publishes and other requests until they are answered or
 * expire. A publish always carries a `client_message_id`, so that however often it is sent it is stored once. Listeners
 * are handed each message once and in the order of its topic; what can no longer be had is told as a gap in its place.
 * Only what is final ends a client: see {@link ConnectionState}.
 *
 * Listeners are called one at a time and in order. One that throws harms neither the others nor the client; one that
 * answers with a promise is waited for, and should not wait for an answer of the same client in it.
 */
export class ChatClient {
  #options;
  #environment;
  #positions;
  #deliveries;
  #conversation;
  #connector;
  /** @type {ConnectionState} */
  #state = { phase: 'NEW', detail: '', retryInMs: 0, reason: null };
  /** @type {Promise<{userId: number, username: string}>} */
  #connected;
  #welcome = (/** @type {any} */ _identity) => {};
  #refuse = (/** @type {Error} */ _error) => {};
  #isStarted = false;
  /** @type {Promise<void> | null} */
  #closing = null;
  #inside = 0;
  /** @type {Array<() => void>} */
  #whenReady = [];
  /** @type {any} */
  #saveTimer = null;
  #idPrefix = randomPrefix();
  #lastId = 0;
  /** @type {Array<() => void>} */
  #unwatch = [];

  /** A client that does nothing before {@link ChatClient#connect}. @param {Partial<typeof DEFAULTS>} options */
  constructor(options) {
    this.#options = checked(options);
    this.#environment = this.#options.environment;
    const warn = this.#options.warn;
    this.#positions = new Positions(this.#options.positionStore, this.#options.ackMode === 'MANUAL', warn);
    this.#deliveries = new Deliveries(
      this.#positions,
      this.#options.inboundQueue,
      { moved: () => this.#moved(), roomAgain: () => this.#connector.release() },
      warn,
    );
    this.#conversation = new Conversation(this.#options, this.#positions, {
      deliver: (delivery) => this.#deliveries.offer(delivery),
      broken: (why) => this.#connector.reconnect(why),
      left: () => this.#left(),
    });
    this.#connector = new Connector(this.#options, this.#conversation, {
      state: (phase, detail, retryInMs) => this.#enter(phase, detail, retryInMs),
      welcomed: (identity) => this.#welcome(identity),
      ended: (reason, detail) => this.#end(reason, detail),
      isFull: () => this.#deliveries.isFull(),
    });
    this.#connected = new Promise((resolve, reject) => {
      this.#welcome = resolve;
      this.#refuse = reject;
    });
    this.#connected.catch(() => {}); // who wants to know waits for it; the state tells it too
  }

  /**
   * Adds a listener; before {@link ChatClient#connect}, so that it misses nothing.
   *
   * @template {keyof ListenerArguments} E
   * @param {E} event
   * @param {(told: ListenerArguments[E]) => unknown} listener
   * @returns {() => void} takes the listener away again
   */
  on(event, listener) {
    return this.#deliveries.on(event, listener);
  }

  /**
   * Starts to connect, and to be connected from then on. Resolves with the first connection, rejects when the client is
   * closed before. The inbox is delivered from that moment. Calling it again returns the same.
   */
  connect() {
    if (!this.#isStarted && this.#closing === null) {
      this.#isStarted = true;
      this.#watchPage();
      this.#start();
    }
    return this.#connected;
  }

  /** Tries again at once, where it is waiting to; looks at once whether the connection is still there, where it is not. */
  wake() {
    this.#connector.wake();
  }

  /** What the client is doing now. */
  get state() {
    return this.#state;
  }

  /**
   * Joins a room after `from`; without it, where an earlier client of the same position store stopped, or else from now
   * on. Joined rooms are joined again after each reconnect, without loss. A room that is joined already starts again at
   * `from`.
   *
   * @param {number} roomId
   * @param {import('./wire.js').Position | null} [from]
   * @returns {Promise<JoinedRoom>}
   */
  async join(roomId, from = null) {
    roomTopic(roomId);
    this.#admit();
    const room = this.#conversation.subscriptions.join(roomId, from);
    return new Promise((resolve, reject) => {
      const how = {
        kind: /** @type {'PLAIN'} */ ('PLAIN'),
        answered: this.#leaving(resolve),
        failed: this.#leaving(reject),
        deadlineMs: this.#requestDeadlineMs(),
      };
      this.#conversation.request(this.#conversation.joinRequest(room, how));
    });
  }

  /** Leaves a room. From the call on nothing of it is handed over. @param {number} roomId @returns {Promise<void>} */
  async leave(roomId) {
    roomTopic(roomId);
    this.#admit();
    this.#conversation.subscriptions.leave(roomId);
    this.#moved();
    return this.#ask('LEAVE', { leave: { room_id: roomId } }, 'done').then(() => {});
  }

  /**
   * Publishes to a room or into a user's inbox. Resolves when the server has stored it durably; it is tried until the
   * publish expiry, through lost connections and passing refusals. Whoever keeps the id may repeat a publish whose
   * outcome is not known, even from another client.
   *
   * @param {import('./wire.js').Topic} to
   * @param {string} text
   * @param {string} [clientMessageId] 1 to 64 characters
   * @returns {Promise<Published>}
   */
  async publish(to, text, clientMessageId = this.nextMessageId()) {
    checkPublish(text, clientMessageId);
    this.#admit();
    return new Promise((resolve, reject) => {
      const deadlineMs = this.#environment.nowMs() + this.#options.publishExpiryMs;
      this.#conversation.publish({ topic: to, text, clientMessageId, deadlineMs, resolve, reject });
    });
  }

  /** An id for a publish that nobody has used. */
  nextMessageId() {
    return `${this.#idPrefix}-${(++this.#lastId).toString(36)}`;
  }

  /** Resolves when the outbound queue has room. @returns {Promise<void>} */
  ready() {
    return this.#inside < this.#options.outboundQueue
      ? Promise.resolve()
      : new Promise((resolve) => this.#whenReady.push(resolve));
  }

  /**
   * Up to `limit` (1 … 100) messages after `afterSeq`, of a room or of our own inbox.
   *
   * @param {import('./wire.js').Topic} topic
   * @param {number} afterSeq
   * @param {number} [limit]
   * @returns {Promise<History>}
   */
  async history(topic, afterSeq, limit = MAX_FETCH) {
    if (!Number.isSafeInteger(afterSeq) || afterSeq < 0 || !(limit >= 1 && limit <= MAX_FETCH)) {
      throw new ChatError('INVALID_ARGUMENT', 'afterSeq must not be negative, and limit is 1 … 100');
    }
    this.#admit();
    const command = { fetch: { topic: wireTopic(topic), after_seq: afterSeq, limit } };
    const history = await this.#ask('FETCH', command, 'history');
    const messages = history.messages.map((/** @type {any} */ m) => ({ ...m, topic, epoch: history.epoch }));
    return { ...history, messages };
  }

  /** Who is in a room. @param {number} roomId @returns {Promise<RoomInfo>} */
  async roomInfo(roomId) {
    roomTopic(roomId);
    this.#admit();
    return this.#ask('PLAIN', { get_room_info: { room_id: roomId } }, 'room_info');
  }

  /**
   * With MANUAL acknowledgement: everything up to this message, or this gap, in its topic is handled. It is saved in the
   * position store and, for the inbox, told to the server.
   *
   * @param {import('./wire.js').Message | import('./cursor.js').Gap} told
   */
  ack(told) {
    this.#positions.acknowledged(told.topic, positionOf(told));
    this.#moved();
  }

  /**
   * Closes: what is unanswered fails as CLOSED, what is not handed over stays unacknowledged and comes again another
   * time, the last acknowledgement is sent. Resolves when all that is done.
   *
   * @returns {Promise<void>}
   */
  close() {
    if (this.#closing === null) {
      this.#deliveries.discard();
      this.#end('CALLER', '');
    }
    return /** @type {Promise<void>} */ (/** @type {unknown} */ (this.#closing));
  }

  async #start() {
    try {
      await this.#positions.load();
    } catch (error) {
      // Connecting all the same could skip messages: the application must decide.
      this.#end('REFUSED', `the position store: ${error instanceof Error ? error.message : error}`);
      return;
    }
    if (this.#closing === null) {
      this.#conversation.subscriptions.loaded();
      this.#connector.start();
    }
  }

  /** The first reason counts. @param {import('./failure.js').CloseReason} reason @param {string} detail */
  #end(reason, detail) {
    if (this.#closing !== null) {
      return;
    }
    this.#closing = this.#finish(reason === 'CALLER');
    this.#connector.stop();
    this.#unwatch.forEach((unwatch) => unwatch());
    const error = ChatError.closed(reason, detail);
    this.#conversation.close(error);
    this.#whenReady.splice(0).forEach((resolve) => resolve());
    this.#refuse(error);
    this.#enter('CLOSED', detail, 0, reason);
  }

  /** @param {boolean} byCaller by the server: what arrived is still handed over */
  async #finish(byCaller) {
    await null; // after the state is told
    if (!byCaller) {
      await this.#deliveries.idle();
    }
    this.#conversation.flushAcks();
    this.#connector.disconnect();
    this.#environment.clearTimeout(this.#saveTimer);
    await this.#positions.save();
  }

  /** @param {any} phase @param {string} detail @param {number} retryInMs @param {any} [reason] */
  #enter(phase, detail, retryInMs, reason = null) {
    this.#state = { phase, detail, retryInMs, reason };
    this.#deliveries.offer({ kind: 'state', value: this.#state, subscription: null });
  }

  #watchPage() {
    const { window, document } = this.#environment;
    const listen = (/** @type {EventTarget | null} */ target, /** @type {string} */ type, /** @type {any} */ task) => {
      target?.addEventListener(type, task);
      this.#unwatch.push(() => target?.removeEventListener(type, task));
    };
    const wake = () => this.wake();
    listen(window, 'online', wake);
    listen(window, 'pageshow', wake);
    listen(window, 'offline', () => this.#connector.probe());
    listen(window, 'pagehide', () => this.#hidden());
    listen(document, 'visibilitychange', () => {
      if (/** @type {any} */ (document).visibilityState === 'hidden') {
        this.#hidden();
      } else {
        wake();
      }
    });
  }

  /** The page may never get another chance. */
  #hidden() {
    this.#conversation.flushAcks();
    this.#positions.save();
  }

  #moved() {
    this.#conversation.pump();
    if (this.#saveTimer === null && this.#positions.isUnsaved) {
      this.#saveTimer = this.#environment.setTimeout(() => {
        this.#saveTimer = null;
        this.#positions.save();
      }, SAVE_AFTER_MS);
    }
  }

  /** @param {any} kind @param {object} command @param {string} expects @returns {Promise<any>} */
  #ask(kind, command, expects) {
    return new Promise((resolve, reject) => {
      this.#conversation.request({
        kind,
        expects,
        command: () => command,
        answered: this.#leaving(resolve),
        failed: this.#leaving(reject),
        isObsolete: () => false,
        deadlineMs: this.#requestDeadlineMs(),
      });
    });
  }

  #admit() {
    if (this.#inside >= this.#options.outboundQueue) {
      throw new ChatError('QUEUE_FULL', `${this.#inside} requests wait for their answer`);
    }
    this.#inside++;
  }

  /** @template T @param {(value: T) => void} settle @returns {(value: T) => void} */
  #leaving(settle) {
    return (value) => {
      this.#left();
      settle(value);
    };
  }

  #left() {
    this.#inside--;
    // Not at once: half the queue free, so that those who wait do not come back for one place each.
    if (this.#inside <= this.#options.outboundQueue / 2) {
      this.#whenReady.splice(0).forEach((resolve) => resolve());
    }
  }

  #requestDeadlineMs() {
    return this.#environment.nowMs() + this.#options.requestTimeoutMs;
  }
}

/**
 * @typedef {object} ListenerArguments
 * @property {import('./wire.js').Message} message
 * @property {import('./cursor.js').Gap} gap
 * @property {Presence} presence
 * @property {ConnectionState} state
 */

/** @param {Partial<typeof DEFAULTS>} given @returns {Options} */
function checked(given) {
  const options = { ...DEFAULTS, ...given, environment: { ...SYSTEM, ...given.environment } };
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(DEFAULTS, name));
  require(unknown.length === 0, `no such option: ${unknown}`);
  require(typeof options.WebSocket === 'function', 'there is no WebSocket here: give one as an option');
  require([...options.deviceId].length <= MAX_ID_CHARS, 'a device id has at most 64 characters');
  require(options.ackMode === 'AUTO' || options.ackMode === 'MANUAL', 'ackMode is AUTO or MANUAL');
  const window = options.publishesInFlightPerTopic;
  require(Number.isInteger(window) && window >= 1 && window <= 64, '1 … 64 publishes in flight');
  require(options.outboundQueue >= 1 && options.inboundQueue >= 1, 'the queues need room');
  return { ...options, url: socketUrl(options.server) };
}

/** @param {string} server */
function socketUrl(server) {
  const base = server === '' ? globalThis.location?.href : server;
  require(base !== undefined, 'where is the server? http(s)://host:port');
  const url = new URL('ws', server === '' ? base : `${base.replace(/\/+$/, '')}/`);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  return url.href;
}

/** @param {boolean} condition @param {string} message @returns {asserts condition} */
function require(condition, message) {
  if (!condition) {
    throw new TypeError(message);
  }
}

/** What can be said about a publish without asking the server; how long a text may be only the server knows. */
function checkPublish(/** @type {string} */ text, /** @type {string} */ clientMessageId) {
  if (typeof text !== 'string' || text === '') {
    throw new ChatError('INVALID_ARGUMENT', 'the text is empty');
  }
  if (hasLoneSurrogate(text) || hasLoneSurrogate(clientMessageId)) {
    throw new ChatError('INVALID_ARGUMENT', 'a lone surrogate is no text');
  }
  const length = [...clientMessageId].length;
  if (length < 1 || length > MAX_ID_CHARS) {
    throw new ChatError('INVALID_ARGUMENT', 'a client_message_id has 1 to 64 characters');
  }
}

/** @param {string} text */
function hasLoneSurrogate(text) {
  return /\p{Surrogate}/u.test(text);
}

/** 128 random bits per client; a counter follows. */
function randomPrefix() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

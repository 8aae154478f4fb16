/**
 * One chat: a room, or the messages between two people. It holds what is known of it in order, each message once, and
 * what is being sent behind them.
 *
 * @typedef {object} Item a line of the chat
 * @property {'message' | 'gap'} kind
 * @property {number} epoch
 * @property {number} seq of a gap: the last that is missing. 0: not known yet
 * @property {number} messageId 0: not known yet
 * @property {number} fromUserId
 * @property {string} fromUserName
 * @property {string} text
 * @property {number} createdAtMs
 * @property {number} [missing] of a gap: how many; 0: not known
 * @property {'sending' | 'sent' | 'failed'} [state] of what this page sent
 * @property {string} [id] of what this page sent: its client_message_id
 * @property {string} [reason] why it failed
 */

let versions = 0;

/** So many lines are kept; earlier ones are loaded again by scrolling. */
const MOST_ITEMS = 5_000;

export class Conversation {
  /** A room's number, 0 for people. */
  roomId;
  /** The other one's name, empty for rooms. */
  person;
  /** @type {Item[]} oldest first */
  items = [];
  /** @type {Item[]} oldest first */
  pending = [];
  /** @type {Set<number>} */
  #ids = new Set();
  /** The last message that was read. @type {{epoch: number, seq: number}} */
  readUpTo = { epoch: 0, seq: 0 };
  unread = 0;
  /** Whether {@link Conversation#readUpTo} is known from an earlier visit, or since something was delivered. */
  isReadKnown = false;
  /** Where earlier messages begin; 0: not known. */
  firstSeq = 0;
  /** Whether everything is here that the server keeps. */
  isWhole = false;
  isLoading = false;
  /** Whether its start was loaded. */
  isLoaded = false;
  /** @type {Map<number, string>} user ids to names */
  members = new Map();
  memberCount = 0;
  /** Another number whenever {@link Conversation#members} are others, and another for each chat. */
  peopleVersion = ++versions;
  draft = '';

  /** @param {string} key */
  constructor(key) {
    this.key = key;
    this.roomId = key.startsWith('@') ? 0 : Number(key);
    this.person = key.startsWith('@') ? key.slice(1) : '';
  }

  get last() {
    return this.items.at(-1) ?? null;
  }

  /**
   * Takes messages in whatever order they come.
   *
   * @param {Item[]} items
   * @param {number} me who is not told what they wrote themselves
   * @returns {boolean} whether any was new
   */
  add(items, me) {
    let isNew = false;
    let isSorted = true;
    for (const item of items) {
      if (item.messageId !== 0 && this.#ids.has(item.messageId)) {
        continue;
      }
      this.#ids.add(item.messageId);
      this.#claimPending(item, me);
      isSorted &&= this.last === null || compare(this.last, item) <= 0;
      this.items.push(item);
      isNew = true;
    }
    if (!isSorted) {
      this.items.sort(compare);
    }
    return isNew;
  }

  /** Forgets the oldest lines, when nobody looks at them. */
  trim() {
    if (this.items.length > MOST_ITEMS * 1.2) {
      for (const item of this.items.splice(0, this.items.length - MOST_ITEMS)) {
        this.#ids.delete(item.messageId);
      }
      this.isWhole = false;
    }
  }

  /** How much is here that was not read. @param {number} me */
  countUnread(me) {
    const { epoch, seq } = this.readUpTo;
    return this.items.filter((i) => i.kind === 'message' && i.epoch === epoch && i.seq > seq && i.fromUserId !== me).length;
  }

  /** Who is here changed. @param {number} count */
  peopleChanged(count) {
    this.memberCount = count;
    this.peopleVersion = ++versions;
  }

  /** What a person wants to send. @param {Item} item */
  addPending(item) {
    this.pending.push(item);
  }

  /** The server has it. @param {Item} item @param {{messageId: number, seq: number}} published @param {number} me */
  published(item, { messageId, seq }, me) {
    const at = this.pending.indexOf(item);
    if (at < 0) {
      return; // its own delivery came first
    }
    this.pending.splice(at, 1);
    const epoch = this.roomId > 0 ? (this.last?.epoch ?? 0) : 0;
    this.add([{ ...item, messageId, seq: this.roomId > 0 ? seq : 0, epoch, state: 'sent' }], me);
  }

  /** It was given up. @param {Item} item */
  discard(item) {
    this.pending = this.pending.filter((other) => other !== item);
  }

  /** The delivery of what this page sent may come before its answer: then they are one line. */
  #claimPending(/** @type {Item} */ item, /** @type {number} */ me) {
    if (item.kind === 'message' && item.fromUserId === me && item.state === undefined) {
      const own = this.pending.find((p) => p.state === 'sending' && p.text === item.text);
      if (own !== undefined) {
        this.discard(own);
        item.state = 'sent';
        item.id = own.id;
      }
    }
  }
}

/**
 * The order of lines: that of the room's log; between people, whose messages are in two logs, that of time.
 *
 * @param {Item} a
 * @param {Item} b
 */
function compare(a, b) {
  if (a.epoch !== 0 && a.epoch === b.epoch && a.seq > 0 && b.seq > 0) {
    return a.seq - b.seq || (a.kind === 'gap' ? -1 : 1);
  }
  return a.createdAtMs - b.createdAtMs;
}

/** @param {import('./client/gochat.js').Message} m @returns {Item} */
export function itemOf(m) {
  const { epoch, seq, messageId, fromUserId, fromUserName, text, createdAtMs } = m;
  return { kind: 'message', epoch, seq, messageId, fromUserId, fromUserName, text, createdAtMs };
}

/** A message as the HTTP API has it. @param {any} m @param {number} epoch @returns {Item} */
export function itemOfHistory(m, epoch) {
  return {
    kind: 'message',
    epoch,
    seq: Number(m.seq) || 0,
    messageId: Number(m.message_id) || 0,
    fromUserId: Number(m.from_user_id) || 0,
    fromUserName: String(m.from_user_name ?? ''),
    text: String(m.msg ?? ''),
    createdAtMs: Number(m.created_at_ms) || 0,
  };
}

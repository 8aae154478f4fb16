/**
 * What the browser remembers: who is signed in, and per person the chats, how far they were read, and the direct
 * messages that were sent (the server keeps those in the recipient's inbox only). All of it may be missing or wrong: a
 * page that may not store anything still chats.
 */

/** @param {Storage | undefined} storage @param {string} key */
function read(storage, key) {
  try {
    return JSON.parse(storage?.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

/** @param {Storage | undefined} storage @param {string} key @param {any} value null: forgets it */
function write(storage, key, value) {
  try {
    if (value === null) {
      storage?.removeItem(key);
    } else {
      storage?.setItem(key, JSON.stringify(value));
    }
  } catch {
    // full, or forbidden
  }
}

/** @param {'localStorage' | 'sessionStorage'} name */
function storageOf(name) {
  try {
    return globalThis[name];
  } catch {
    return undefined;
  }
}

const local = storageOf('localStorage');
const ofTab = storageOf('sessionStorage');

const SESSION = 'gochat.session';

/** @typedef {{userId: number, username: string, token: string}} Session */

/** @returns {Session | null} */
export function readSession() {
  const session = read(local, SESSION);
  const isWhole =
    Number.isSafeInteger(session?.userId) && typeof session.username === 'string' && typeof session.token === 'string';
  return isWhole ? session : null;
}

/** @param {Session | null} session */
export function writeSession(session) {
  write(local, SESSION, session);
}

/** Calls `changed` when another tab signs in or out. @param {() => void} changed */
export function onSessionElsewhere(changed) {
  addEventListener('storage', (event) => {
    if (event.key === SESSION || event.key === null) {
      changed();
    }
  });
}

/** One person's memory in this browser. */
export class Memory {
  #prefix;

  /** @param {number} userId */
  constructor(userId) {
    this.#prefix = `gochat.${userId}`;
  }

  /** The chats, newest first. @returns {string[]} */
  get chats() {
    const chats = read(local, `${this.#prefix}.chats`);
    return Array.isArray(chats) ? chats.filter((key) => typeof key === 'string').slice(0, 200) : [];
  }

  set chats(keys) {
    write(local, `${this.#prefix}.chats`, keys.slice(0, 200));
  }

  /** The last message that was read of a chat. @param {string} key @returns {{epoch: number, seq: number} | null} */
  readUpTo(key) {
    const place = read(local, `${this.#prefix}.read.${key}`);
    return Number.isSafeInteger(place?.seq) && Number.isSafeInteger(place?.epoch) ? place : null;
  }

  /** @param {string} key @param {{epoch: number, seq: number} | null} place */
  setReadUpTo(key, place) {
    write(local, `${this.#prefix}.read.${key}`, place);
  }

  /** Direct messages that were sent to somebody. @param {string} key @returns {any[]} */
  sentTo(key) {
    const sent = read(local, `${this.#prefix}.sent.${key}`);
    return Array.isArray(sent) ? sent.filter((m) => typeof m?.text === 'string' && m.createdAtMs > 0) : [];
  }

  /** @param {string} key @param {any} message */
  addSentTo(key, message) {
    write(local, `${this.#prefix}.sent.${key}`, [...this.sentTo(key), message].slice(-200));
  }

  /** What this tab wants to send and has no answer for: it survives a reload. @returns {any[]} */
  get outbox() {
    const outbox = read(ofTab, `${this.#prefix}.outbox`);
    return Array.isArray(outbox) ? outbox.filter((p) => typeof p?.text === 'string' && typeof p?.id === 'string') : [];
  }

  set outbox(pending) {
    write(ofTab, `${this.#prefix}.outbox`, pending.slice(-200));
  }
}

import { isPosition, keyOf, topicOf } from './wire.js';

/**
 * Keeps positions beyond the life of a client. Both methods may answer with a promise; what they keep is plain JSON,
 * by topic (`room:7`, `user:3`).
 *
 * @typedef {object} PositionStore
 * @property {() => Record<string, any> | null | Promise<Record<string, any> | null>} load
 * @property {(positions: Record<string, import('./wire.js').Position>) => void | Promise<void>} save
 */

/**
 * What the application is done with, per topic: acknowledged to the server (the inbox) and kept in the position store.
 */
export class Positions {
  #store;
  #manual;
  #warn;
  /** @type {Map<string, import('./wire.js').Position>} */
  #done = new Map();
  /** The epoch of what was handed over last: an acknowledgement of an earlier epoch comes too late. */
  #handedEpoch = new Map();
  /** @type {Map<string, Set<number>>} earlier names of the epoch that counts now */
  #sameEpoch = new Map();
  #unsaved = false;
  /** @type {Promise<void> | null} */
  #saving = null;

  /**
   * @param {PositionStore | null} store
   * @param {boolean} manual whether the application acknowledges by itself
   * @param {(what: string, error: unknown) => void} warn
   */
  constructor(store, manual, warn) {
    this.#store = store;
    this.#manual = manual;
    this.#warn = warn;
  }

  /** Reads the store; throws when it cannot be read or holds something else. */
  async load() {
    const stored = this.#store === null ? null : await this.#store.load();
    for (const [key, position] of Object.entries(stored ?? {})) {
      if (topicOf(key) === null || !isPosition(position)) {
        throw new Error(`no position of a topic: ${key.slice(0, 64)}`);
      }
      this.#done.set(key, position);
    }
  }

  /**
   * The listeners have returned from what stands at `position`.
   *
   * @param {import('./wire.js').Topic} topic
   * @param {import('./wire.js').Position} position
   */
  handedOver(topic, position) {
    const key = keyOf(topic);
    if (this.#handedEpoch.get(key) !== position.epoch) {
      this.#handedEpoch.set(key, position.epoch);
      this.#sameEpoch.delete(key);
    }
    if (!this.#manual) {
      this.#put(key, position);
    }
  }

  /**
   * Everything up to here was handed over in an epoch that now has another name.
   *
   * @param {import('./wire.js').Topic} topic
   * @param {number} epoch
   */
  renamed(topic, epoch) {
    const key = keyOf(topic);
    const before = this.#done.get(key);
    const known = this.#handedEpoch.get(key) ?? before?.epoch;
    const names = this.#sameEpoch.get(key) ?? new Set();
    names.add(known);
    this.#sameEpoch.set(key, names);
    this.#handedEpoch.set(key, epoch);
    if (before !== undefined && names.has(before.epoch)) {
      this.#put(key, { ...before, epoch });
    }
  }

  /**
   * The application says that it is done with everything up to `position`.
   *
   * @param {import('./wire.js').Topic} topic
   * @param {import('./wire.js').Position} position
   */
  acknowledged(topic, position) {
    const key = keyOf(topic);
    const epoch = this.#handedEpoch.get(key) ?? position.epoch;
    if (epoch !== position.epoch && !this.#sameEpoch.get(key)?.has(position.epoch)) {
      return;
    }
    const before = this.#done.get(key);
    if (before === undefined || before.epoch !== epoch || before.seq < position.seq) {
      this.#put(key, { ...position, epoch });
    }
  }

  /** The room was left: the next join starts afresh. @param {import('./wire.js').Topic} topic */
  forget(topic) {
    const key = keyOf(topic);
    this.#handedEpoch.delete(key);
    this.#unsaved = this.#done.delete(key) || this.#unsaved;
  }

  /** @param {import('./wire.js').Topic} topic */
  of(topic) {
    return this.#done.get(keyOf(topic)) ?? null;
  }

  /** The inbox that the store knows; before the first welcome we may not know our own id. */
  storedInbox() {
    const key = [...this.#done.keys()].find((k) => k.startsWith('user:'));
    return key === undefined ? null : topicOf(key);
  }

  /** Whether {@link Positions#save} has something to do. */
  get isUnsaved() {
    return this.#unsaved && this.#store !== null;
  }

  /** Writes the store if anything changed; one write at a time. A store that fails is tried again with the next change. */
  async save() {
    await this.#saving;
    if (!this.isUnsaved) {
      return;
    }
    this.#unsaved = false;
    this.#saving = this.#write(Object.fromEntries(this.#done));
    await this.#saving;
  }

  /** @param {Record<string, import('./wire.js').Position>} positions */
  async #write(positions) {
    try {
      await /** @type {PositionStore} */ (this.#store).save(positions);
    } catch (error) {
      this.#unsaved = true;
      this.#warn('the position store failed; after a restart more would be delivered again', error);
    }
  }

  /** @param {string} key @param {import('./wire.js').Position} position */
  #put(key, position) {
    this.#done.set(key, position);
    this.#unsaved = true;
  }
}

/** Keeps positions in the page's memory: a client that is made again with the same store goes on where it stopped. */
export class MemoryPositionStore {
  /** @type {Record<string, any> | null} */
  #positions = null;

  load() {
    return this.#positions;
  }

  /** @param {Record<string, import('./wire.js').Position>} positions */
  save(positions) {
    this.#positions = positions;
  }
}

/** Keeps positions under one key of a `Storage`: `localStorage`, `sessionStorage`, or what looks like one. */
export class StoragePositionStore {
  #storage;
  #key;

  /** @param {Pick<Storage, 'getItem' | 'setItem'>} storage @param {string} key */
  constructor(storage, key) {
    this.#storage = storage;
    this.#key = key;
  }

  load() {
    const text = this.#storage.getItem(this.#key);
    return text === null ? null : JSON.parse(text);
  }

  /** @param {Record<string, import('./wire.js').Position>} positions */
  save(positions) {
    this.#storage.setItem(this.#key, JSON.stringify(positions));
  }
}

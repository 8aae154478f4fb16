import { MemoryPositionStore, StoragePositionStore } from './positions.js';

/** A page that is loaded again may find its own lock still held by the one that is going: it waits so long. */
const RELOAD_MS = 500;

const DEVICES = 'gochat.devices';

/**
 * A tab is a device: its id and positions are held under a Web Lock, so that two tabs, or a duplicated one, do not
 * replace each other. A tab that is opened takes over the device of one that was closed, and goes on where that one
 * stopped. Where there are no Web Locks (a page without TLS that is not on localhost), the device is anonymous and
 * keeps its positions for as long as the page lives; the server remembers what was acknowledged.
 *
 * @typedef {object} Tab
 * @property {string} deviceId
 * @property {(name: string) => import('./positions.js').PositionStore} positionStore positions of this tab's user
 *   `name`
 * @property {() => void} release lets another tab be this device
 */

/**
 * Finds out which device this tab is, and holds it until the page goes away.
 *
 * @param {{locks?: LockManager, localStorage?: Storage, sessionStorage?: Storage}} [platform]
 * @returns {Promise<Tab>}
 */
export async function holdTab(platform = browser()) {
  const { locks, localStorage, sessionStorage } = platform;
  if (!locks || !localStorage || !sessionStorage) {
    return anonymous();
  }
  try {
    const mine = sessionStorage.getItem(DEVICES);
    const release = mine === null ? null : await hold(locks, mine, RELOAD_MS);
    const [deviceId, unlock] = release !== null ? [mine ?? '', release] : await holdAny(locks, localStorage, mine);
    sessionStorage.setItem(DEVICES, deviceId);
    return {
      deviceId,
      positionStore: (name) => new StoragePositionStore(localStorage, `gochat.positions.${deviceId}.${name}`),
      release: unlock,
    };
  } catch {
    return anonymous(); // storage may be forbidden or full
  }
}

/** @returns {Tab} */
function anonymous() {
  /** @type {Map<string, MemoryPositionStore>} */
  const stores = new Map();
  return {
    deviceId: '',
    positionStore: (name) => {
      const store = stores.get(name) ?? new MemoryPositionStore();
      stores.set(name, store);
      return store;
    },
    release: () => {},
  };
}

/**
 * A device whose tab is gone, else a new one.
 *
 * @param {LockManager} locks
 * @param {Storage} storage
 * @param {string | null} except
 * @returns {Promise<[string, () => void]>}
 */
async function holdAny(locks, storage, except) {
  const known = readIds(storage);
  for (const id of known) {
    const release = id === except ? null : await hold(locks, id, 0);
    if (release !== null) {
      return [id, release];
    }
  }
  const id = newId();
  storage.setItem(DEVICES, JSON.stringify([...readIds(storage), id]));
  const release = await hold(locks, id, 0);
  return [id, release ?? (() => {})];
}

/** @param {Storage} storage @returns {string[]} */
function readIds(storage) {
  try {
    const ids = JSON.parse(storage.getItem(DEVICES) ?? '[]');
    return Array.isArray(ids) ? ids.filter((id) => /^tab-[0-9a-f]{32}$/.test(id)) : [];
  } catch {
    return [];
  }
}

/**
 * Takes the lock of a device, if it is free within `waitMs`.
 *
 * @param {LockManager} locks
 * @param {string} id
 * @param {number} waitMs
 * @returns {Promise<(() => void) | null>} lets it go again; null: another tab has it
 */
function hold(locks, id, waitMs) {
  return new Promise((resolve) => {
    const held = (/** @type {Lock | null} */ lock) => {
      if (lock === null) {
        resolve(null);
        return undefined;
      }
      return new Promise((release) => resolve(() => release(undefined)));
    };
    const options = waitMs > 0 ? { signal: AbortSignal.timeout(waitMs) } : { ifAvailable: true };
    locks.request(`gochat.device.${id}`, options, held).catch(() => resolve(null));
  });
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `tab-${Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')}`;
}

function browser() {
  try {
    const { localStorage, sessionStorage } = globalThis;
    return { locks: globalThis.navigator?.locks, localStorage, sessionStorage };
  } catch {
    return {}; // the page may not store anything
  }
}

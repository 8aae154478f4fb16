/**
 * The JavaScript client of GoChat, for browsers and Node.
 *
 * @module gochat
 */
export { login, logout, post, register } from './accounts.js';
export { ChatClient } from './client.js';
export { ChatError } from './failure.js';
export { MemoryPositionStore, StoragePositionStore } from './positions.js';
export { BEGINNING } from './subscriptions.js';
export { holdTab } from './tab.js';
export { named, room, user } from './wire.js';

/** @typedef {import('./client.js').ConnectionState} ConnectionState */
/** @typedef {import('./client.js').History} History */
/** @typedef {import('./client.js').JoinedRoom} JoinedRoom */
/** @typedef {import('./client.js').Options} Options */
/** @typedef {import('./client.js').Presence} Presence */
/** @typedef {import('./client.js').Published} Published */
/** @typedef {import('./client.js').RoomInfo} RoomInfo */
/** @typedef {import('./cursor.js').Gap} Gap */
/** @typedef {import('./failure.js').CloseReason} CloseReason */
/** @typedef {import('./positions.js').PositionStore} PositionStore */
/** @typedef {import('./tab.js').Tab} Tab */
/** @typedef {import('./wire.js').Member} Member */
/** @typedef {import('./wire.js').Message} Message */
/** @typedef {import('./wire.js').Position} Position */
/** @typedef {import('./wire.js').Topic} Topic */

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
    /**
     * @param {PositionStore | null} store
     * @param {boolean} manual whether the application acknowledges by itself
     * @param {(what: string, error: unknown) => void} warn
     */
    constructor(store: PositionStore | null, manual: boolean, warn: (what: string, error: unknown) => void);
    /** Reads the store; throws when it cannot be read or holds something else. */
    load(): Promise<void>;
    /**
     * The listeners have returned from what stands at `position`.
     *
     * @param {import('./wire.js').Topic} topic
     * @param {import('./wire.js').Position} position
     */
    handedOver(topic: import("./wire.js").Topic, position: import("./wire.js").Position): void;
    /**
     * Everything up to here was handed over in an epoch that now has another name.
     *
     * @param {import('./wire.js').Topic} topic
     * @param {number} epoch
     */
    renamed(topic: import("./wire.js").Topic, epoch: number): void;
    /**
     * The application says that it is done with everything up to `position`.
     *
     * @param {import('./wire.js').Topic} topic
     * @param {import('./wire.js').Position} position
     */
    acknowledged(topic: import("./wire.js").Topic, position: import("./wire.js").Position): void;
    /** The room was left: the next join starts afresh. @param {import('./wire.js').Topic} topic */
    forget(topic: import("./wire.js").Topic): void;
    /** @param {import('./wire.js').Topic} topic */
    of(topic: import("./wire.js").Topic): import("./wire.js").Position | null;
    /** The inbox that the store knows; before the first welcome we may not know our own id. */
    storedInbox(): import("./wire.js").Topic | null;
    /** Whether {@link Positions#save} has something to do. */
    get isUnsaved(): boolean;
    /** Writes the store if anything changed; one write at a time. A store that fails is tried again with the next change. */
    save(): Promise<void>;
    #private;
}
/** Keeps positions in the page's memory: a client that is made again with the same store goes on where it stopped. */
export class MemoryPositionStore {
    load(): Record<string, any> | null;
    /** @param {Record<string, import('./wire.js').Position>} positions */
    save(positions: Record<string, import("./wire.js").Position>): void;
    #private;
}
/** Keeps positions under one key of a `Storage`: `localStorage`, `sessionStorage`, or what looks like one. */
export class StoragePositionStore {
    /** @param {Pick<Storage, 'getItem' | 'setItem'>} storage @param {string} key */
    constructor(storage: Pick<Storage, "getItem" | "setItem">, key: string);
    load(): any;
    /** @param {Record<string, import('./wire.js').Position>} positions */
    save(positions: Record<string, import("./wire.js").Position>): void;
    #private;
}
/**
 * Keeps positions beyond the life of a client. Both methods may answer with a promise; what they keep is plain JSON,
 * by topic (`room:7`, `user:3`).
 */
export type PositionStore = {
    load: () => Record<string, any> | null | Promise<Record<string, any> | null>;
    save: (positions: Record<string, import("./wire.js").Position>) => void | Promise<void>;
};

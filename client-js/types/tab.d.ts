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
export function holdTab(platform?: {
    locks?: LockManager;
    localStorage?: Storage;
    sessionStorage?: Storage;
}): Promise<Tab>;
/**
 * A tab is a device: its id and positions are held under a Web Lock, so that two tabs, or a duplicated one, do not
 * replace each other. A tab that is opened takes over the device of one that was closed, and goes on where that one
 * stopped. Where there are no Web Locks (a page without TLS that is not on localhost), the device is anonymous and
 * keeps its positions for as long as the page lives; the server remembers what was acknowledged.
 */
export type Tab = {
    deviceId: string;
    /**
     * positions of this tab's user
     * `name`
     */
    positionStore: (name: string) => import("./positions.js").PositionStore;
    /**
     * lets another tab be this device
     */
    release: () => void;
};

/**
 * The endpoints of accounts, over HTTP. What fails throws a {@link ChatError} with the server's word and sentence.
 */
/** Makes an account. @param {string} server @param {string} username @param {string} password @returns {Promise<void>} */
export function register(server: string, username: string, password: string): Promise<void>;
/**
 * Logs in.
 *
 * @param {string} server
 * @param {string} username
 * @param {string} password
 * @returns {Promise<{userId: number, username: string, token: string}>}
 */
export function login(server: string, username: string, password: string): Promise<{
    userId: number;
    username: string;
    token: string;
}>;
/** Ends the session; its connections are closed. @param {string} server @param {string} token @returns {Promise<void>} */
export function logout(server: string, token: string): Promise<void>;
/**
 * Calls any endpoint of the HTTP API.
 *
 * @param {string} server `https://chat.example.com`; empty: the page's own
 * @param {string} path without a slash in front
 * @param {object} body
 * @returns {Promise<any>} the answer of a success
 */
export function post(server: string, path: string, body: object): Promise<any>;

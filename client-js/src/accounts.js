import { ChatError } from './failure.js';

/**
 * The endpoints of accounts, over HTTP. What fails throws a {@link ChatError} with the server's word and sentence.
 */

/** Makes an account. @param {string} server @param {string} username @param {string} password @returns {Promise<void>} */
export async function register(server, username, password) {
  await post(server, 'user/register', { username, password });
}

/**
 * Logs in.
 *
 * @param {string} server
 * @param {string} username
 * @param {string} password
 * @returns {Promise<{userId: number, username: string, token: string}>}
 */
export async function login(server, username, password) {
  const answer = await post(server, 'user/login', { username, password });
  return { userId: answer.user_id, username: answer.username, token: answer.token };
}

/** Ends the session; its connections are closed. @param {string} server @param {string} token @returns {Promise<void>} */
export async function logout(server, token) {
  await post(server, 'user/logout', { token });
}

/**
 * Calls any endpoint of the HTTP API.
 *
 * @param {string} server `https://chat.example.com`; empty: the page's own
 * @param {string} path without a slash in front
 * @param {object} body
 * @returns {Promise<any>} the answer of a success
 */
export async function post(server, path, body) {
  const response = await send(server === '' ? path : `${server.replace(/\/+$/, '')}/${path}`, body);
  const answer = await response.json().catch(() => ({}));
  if (response.ok && answer?.code === 200) {
    return answer;
  }
  const word = (response.headers.get('X-Error-Code') ?? '').toUpperCase();
  const passing = response.status === 408 || response.status === 425 || response.status >= 500;
  const failure = word === 'INTERNAL' || word === '' ? (passing ? 'STORE_UNAVAILABLE' : 'INTERNAL') : word;
  const retryAfterMs = 1_000 * (Number(response.headers.get('Retry-After')) || 0);
  throw new ChatError(failure, String(answer?.error ?? response.status), { retryAfterMs });
}

/** @param {string} url @param {object} body */
async function send(url, body) {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    throw new ChatError('UNREACHABLE', error instanceof Error ? error.message : String(error));
  }
}

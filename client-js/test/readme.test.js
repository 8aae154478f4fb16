import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { ChatError, login, logout, register } from '../src/gochat.js';
import * as gochat from '../src/gochat.js';

/** An HTTP server that answers every call the same way, and notes it. */
async function answering(status, headers, body, task) {
  const calls = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) {
      text += part;
    }
    calls.push({ path: request.url, body: JSON.parse(text) });
    response.writeHead(status, headers).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await task(`http://127.0.0.1:${server.address().port}/`, calls);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('accounts speak the HTTP API', () =>
  answering(200, {}, '{"code":200,"user_id":3,"username":"alice","token":"t"}', async (server, calls) => {
    await register(server, 'alice', 'secret');
    assert.deepEqual(await login(server, 'alice', 'secret'), { userId: 3, username: 'alice', token: 't' });
    await logout(server, 't');
    assert.deepEqual(calls.map((c) => c.path), ['/user/register', '/user/login', '/user/logout']);
    assert.deepEqual(calls[2].body, { token: 't' });
  }));

test("a refusal is told in the server's words", () =>
  answering(401, { 'X-Error-Code': 'bad_credentials' }, '{"code":400,"error":"no"}', async (server) => {
    await assert.rejects(login(server, 'a', 'b'), (e) => e.failure === 'BAD_CREDENTIALS' && !e.retryable);
  }));

test('a server that is busy or broken is a passing fault', async () => {
  await answering(503, { 'X-Error-Code': 'overloaded', 'Retry-After': '2' }, '{"code":400}', async (server) => {
    await assert.rejects(login(server, 'a', 'b'), (e) => e.failure === 'OVERLOADED' && e.retryAfterMs === 2_000);
  });
  await answering(502, {}, '<html>', async (server) => {
    await assert.rejects(login(server, 'a', 'b'), (e) => e instanceof ChatError && e.retryable);
  });
  await assert.rejects(login('http://127.0.0.1:1', 'a', 'b'), (e) => e.failure === 'UNREACHABLE');
});

test('every name in the example and the prose of the README exists', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

  const imported = /import \{ (.*) \} from 'gochat-client'/.exec(readme)[1].split(', ');
  const calls = [...readme.matchAll(/^\| `(\w+)\(/gm)].map((m) => m[1]);
  assert.ok(imported.length > 3 && calls.length > 6);
  for (const name of [...imported, 'named', 'user', 'BEGINNING', 'holdTab', 'StoragePositionStore', 'MemoryPositionStore']) {
    assert.ok(name in gochat, name);
  }
  for (const call of calls) {
    assert.equal(typeof gochat.ChatClient.prototype[call], 'function', call);
  }
});

test('the types that are committed know every call', async () => {
  const types = await readFile(new URL('../types/client.d.ts', import.meta.url), 'utf8');

  for (const name of Object.getOwnPropertyNames(gochat.ChatClient.prototype)) {
    assert.match(types, new RegExp(`^    (get )?${name}[(<]`, 'm'), `${name}: npm run types`);
  }
});

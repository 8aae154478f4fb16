import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ChatError, room } from '../src/gochat.js';
import { dialogue, ManualClock } from '../testing/dialogue.js';
import { ScriptedServer, until } from '../testing/scripted-server.js';

// What ends a client, and what it survives.

const stage = dialogue();

async function connected(options) {
  const { client, recorder } = stage.client(options);
  client.connect();
  return { client, recorder, peer: await stage.server.acceptAndWelcome() };
}

test('it comes back as often as it is cut', async () => {
  const { client, recorder } = stage.client();
  client.connect();

  for (let i = 0; i < 20; i++) {
    (await stage.server.acceptAndWelcome()).cut();
  }

  await stage.server.acceptAndWelcome();
  await until(() => client.state.phase === 'CONNECTED');
  assert.ok(!recorder.phases.includes('CLOSED') && recorder.phases.includes('RECOVERING'));
});

const FINAL = { REVOKED: 'REVOKED', EXPIRED: 'EXPIRED', REPLACED: 'REPLACED', PROTOCOL_ERROR: 'PROTOCOL_ERROR', OVERLOAD: 'REFUSED', NEW_ONE: 'REFUSED' };
for (const [said, expected] of Object.entries(FINAL)) {
  test(`a final goodbye closes with its reason: ${said}`, async () => {
    const { client, recorder, peer } = await connected();
    const pending = client.publish(room(5), 'unanswered');
    await peer.expect('publish');

    peer.goAway(said, 0, true);
    peer.cut();

    await assert.rejects(pending, (e) => e instanceof ChatError && e.closeReason === expected && !e.retryable);
    await recorder.awaitPhase('CLOSED');
    assert.equal(client.state.reason, expected);
    await assert.rejects(client.publish(room(5), 'late'), ChatError);
    assert.equal(stage.server.visits, 1);
  });
}

for (const said of ['DRAIN', 'IDLE', 'OVERLOAD', 'NEW_ONE']) {
  test(`any other goodbye is survived: ${said}`, async () => {
    const { recorder, peer } = await connected();

    peer.goAway(said);

    await stage.server.acceptAndWelcome();
    assert.ok(!recorder.phases.includes('CLOSED'));
  });
}

const CODES = {
  4001: null, 4005: null, 4007: null, 4109: null, 4108: null,
  4502: 'REVOKED', 4503: 'EXPIRED', 4504: 'REPLACED', 4506: 'PROTOCOL_ERROR', 4507: 'REFUSED', 4577: 'REFUSED',
  4603: 'TOKEN_INVALID', 4604: 'REFUSED', 4610: 'REFUSED', 4699: 'REFUSED',
  1000: null, 1001: null, 1009: null, 1011: null, 3000: null, 4300: null, 4999: null,
};
for (const [code, expected] of Object.entries(CODES)) {
  test(`without a goodbye the close code says it: ${code} ${expected ?? 'come back'}`, async () => {
    const { client, recorder, peer } = await connected();

    peer.close(Number(code), 'said the script');

    if (expected === null) {
      await stage.server.acceptAndWelcome();
      assert.ok(!recorder.phases.includes('CLOSED'));
    } else {
      await recorder.awaitPhase('CLOSED');
      assert.equal(client.state.reason, expected);
    }
  });
}

test('a fatal error is final or not as its close code says', async () => {
  const { client } = stage.client();
  client.connect();
  const tooMany = await stage.server.accept();
  tooMany.error(await tooMany.expect('hello'), 'TOO_MANY', 1, true);
  tooMany.close(4109);

  const internal = await stage.server.accept();
  internal.error(await internal.expect('hello'), 'INTERNAL', 0, true);
  internal.close(4610);

  await until(() => client.state.phase === 'CLOSED');
  assert.equal(client.state.reason, 'REFUSED');
});

test("the server's delay is kept, and what is told says how long", async () => {
  const { client, recorder, peer } = await connected();

  const saidMs = performance.now();
  peer.goAway('DRAIN', 300);
  peer.close(4001);
  await recorder.awaitPhase('RECOVERING');
  assert.ok(client.state.retryInMs >= 300);
  await stage.server.acceptAndWelcome();

  assert.ok(performance.now() - saidMs >= 295);
});

test('after a goodbye nothing new is sent and what was sent is answered', async () => {
  const { client, recorder, peer } = await connected();
  const accepted = client.publish(room(5), 'accepted');
  const publish = await peer.expect('publish');

  peer.goAway('DRAIN');
  peer.deliver({ user_id: 7 }, 1, 901, 'the goodbye has come');
  await recorder.awaitMessages(1);
  const got = client.roomInfo(5);
  peer.published(publish, 1);

  assert.equal((await accepted).seq, 1);
  const next = await stage.server.acceptAndWelcome();
  const ask = await next.expect('get_room_info');
  next.send({ request_id: ask.request_id, room_info: { room_id: 5, count: 3 } });
  assert.equal((await got).count, 3);
});

test('a token that is not accepted closes, and connect fails', async () => {
  const { client } = stage.client();
  const identity = client.connect();
  const peer = await stage.server.accept();

  peer.error(await peer.expect('hello'), 'TOKEN_INVALID', 0, true);
  peer.close(4603);

  await assert.rejects(identity, (e) => e.failure === 'TOKEN_INVALID');
  assert.equal(client.state.reason, 'TOKEN_INVALID');
  assert.equal(stage.server.visits, 1);
});

test('a token that has expired is asked for again, once', async () => {
  const tokens = ['first', 'second', 'third'];
  const { client } = stage.client({ token: () => tokens.shift() });
  client.connect();
  const first = await stage.server.accept();
  assert.equal((await first.welcome()).hello.token, 'first');
  first.goAway('EXPIRED', 0, true);
  first.close(4503);

  const second = await stage.server.accept();
  const hello = await second.expect('hello');
  assert.equal(hello.hello.token, 'second');
  second.error(hello, 'TOKEN_INVALID', 0, true);
  second.close(4603);

  await until(() => client.state.phase === 'CLOSED');
  assert.equal(client.state.reason, 'TOKEN_INVALID');
  assert.deepEqual(tokens, ['third']);
});

test('a token that cannot be had now is asked for again; one that never can be had closes', async () => {
  let asked = 0;
  const { client } = stage.client({
    token: async () => {
      if (++asked < 3) {
        throw new Error('the network is down');
      }
      return 'at last';
    },
  });
  client.connect();
  assert.equal((await (await stage.server.accept()).welcome()).hello.token, 'at last');

  const { client: refused } = stage.client({
    token: async () => {
      throw new ChatError('BAD_CREDENTIALS', 'wrong name or password');
    },
  });
  await assert.rejects(refused.connect(), (e) => e.failure === 'BAD_CREDENTIALS');
  assert.equal(refused.state.reason, 'BAD_CREDENTIALS');
});

test('a full server is tried again when it says', async () => {
  const { client, recorder } = stage.client();
  client.connect();
  const full = await stage.server.accept();

  full.error(await full.expect('hello'), 'OVERLOADED', 100, false);

  await stage.server.acceptAndWelcome();
  assert.ok(!recorder.phases.includes('CLOSED'));
});

test('a server that accepts and says nothing is left', async () => {
  const { client } = stage.client({ handshakeTimeoutMs: 100 });
  client.connect();
  await (await stage.server.accept()).expect('hello');

  await stage.server.acceptAndWelcome();
});

test('connecting can have a deadline', async () => {
  const nobody = await ScriptedServer.start();
  await nobody.stop();
  const { client } = stage.client({ server: nobody.url, connectDeadlineMs: 200 });

  await assert.rejects(client.connect(), (e) => e.failure === 'UNREACHABLE');
  assert.equal(client.state.reason, 'UNREACHABLE');
});

test('without a deadline it waits for the server to come', async () => {
  const { port } = stage.server;
  await stage.server.stop();
  const { client } = stage.client();
  client.connect();
  await until(() => client.state.retryInMs > 0);

  stage.server = await ScriptedServer.start(port);
  await stage.server.acceptAndWelcome();
  await until(() => client.state.phase === 'CONNECTED');
});

// ---- heartbeats, by a clock that the test moves

/** Connected, by a clock that stands. */
async function onManualClock(more = {}) {
  const clock = new ManualClock();
  const { client, recorder } = stage.client({ environment: clock.environment(more) });
  client.connect();
  const peer = await stage.server.acceptAndWelcome();
  await recorder.awaitPhase('CONNECTED');
  return { clock, client, recorder, peer };
}

test('a silent server is pinged after a heartbeat and left after 2.5', async () => {
  const { clock, client, peer } = await onManualClock();

  clock.advance(29_999);
  assert.ok(!peer.hasUnread);
  clock.advance(1);
  assert.deepEqual(await peer.readAny(), { ping: {} });

  clock.advance(44_999);
  assert.equal(client.state.phase, 'CONNECTED');
  clock.advance(1);
  assert.equal(client.state.phase, 'RECOVERING');
  await peer.ended();
});

test('a server that answers pings is kept', async () => {
  const { clock, client, peer } = await onManualClock();
  let message;
  client.on('message', (m) => {
    message = m;
  });

  for (let seq = 1; seq <= 5; seq++) {
    clock.advance(31_000);
    assert.deepEqual(await peer.readAny(), { ping: {} });
    peer.send({ pong: {} });
    peer.deliver({ user_id: 7 }, seq, 900 + seq, 'm');
    await until(() => message?.seq === seq);
    peer.done(await peer.expect('ack'));
  }

  assert.equal(client.state.phase, 'CONNECTED');
});

test('timers that slept for three heartbeats end nothing: the server is asked first', async () => {
  const { clock, client, recorder, peer } = await onManualClock();

  clock.sleep(3 * 30_000);
  assert.equal(client.state.phase, 'CONNECTED');
  assert.deepEqual(await peer.readAny(), { ping: {} });
  peer.send({ pong: {} });
  peer.deliver({ user_id: 7 }, 1, 901, 'still here');
  await recorder.awaitMessages(1);

  clock.advance(6_000);
  assert.equal(client.state.phase, 'CONNECTED');
});

test('timers that slept find a dead server soon', async () => {
  const { clock, client, peer } = await onManualClock();

  clock.sleep(3 * 30_000);
  assert.deepEqual(await peer.readAny(), { ping: {} });
  clock.advance(5_000);

  assert.equal(client.state.phase, 'RECOVERING');
});

test('coming back online asks a connection at once, and ends the waiting for the next', async () => {
  const window = new EventTarget();
  const { clock, client, recorder, peer } = await onManualClock({ window });

  window.dispatchEvent(new Event('offline'));
  assert.deepEqual(await peer.readAny(), { ping: {} });
  clock.advance(5_000);
  assert.equal(client.state.phase, 'RECOVERING');

  clock.advance(0);
  window.dispatchEvent(new Event('online'));
  clock.advance(200);
  await stage.server.acceptAndWelcome();
  await until(() => recorder.phases.at(-1) === 'CONNECTED');
});

test('a page that is seen again asks at once', async () => {
  const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
  const { peer } = await onManualClock({ document });

  document.visibilityState = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));

  assert.deepEqual(await peer.readAny(), { ping: {} });
});

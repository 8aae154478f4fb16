import assert from 'node:assert/strict';
import { test } from 'node:test';

import { named, room, user } from '../src/gochat.js';
import { ManualClock, dialogue } from '../testing/dialogue.js';
import { until } from '../testing/scripted-server.js';

// Publishes through everything that can happen to a connection.

const ROOM = room(5);
const stage = dialogue();

async function connected(options) {
  const { client, recorder } = stage.client(options);
  client.connect();
  return { client, recorder, peer: await stage.server.acceptAndWelcome() };
}

function failsAs(failure) {
  return (error) => error.failure === failure;
}

test('a publish carries an id of its own and resolves with the answer', async () => {
  const { client, peer } = await connected();

  const one = client.publish(ROOM, 'one');
  const first = await peer.expect('publish');
  peer.published(first, 1);
  const two = client.publish(ROOM, 'two');
  const second = await peer.expect('publish');
  peer.published(second, 2, true);

  assert.deepEqual(await one, { messageId: 101, seq: 1, duplicate: false });
  assert.deepEqual(await two, { messageId: 102, seq: 2, duplicate: true });
  const id = first.publish.client_message_id;
  assert.ok(id.length >= 20 && id.length <= 64 && id !== second.publish.client_message_id);
});

test('a recipient is a room, a user, or a name', async () => {
  const { client, peer } = await connected();

  for (const [to, text, id] of [[ROOM, 'a', 'i1'], [user(3), 'b', 'i2'], [named('bob'), 'c', 'i3']]) {
    client.publish(to, text, id).catch(() => {});
  }

  const { publish: a } = await peer.expect('publish');
  const { publish: b } = await peer.expect('publish');
  const { publish: c } = await peer.expect('publish');
  assert.deepEqual(a, { topic: { room_id: 5 }, text: 'a', client_message_id: 'i1' });
  assert.deepEqual(b, { topic: { user_id: 3 }, text: 'b', client_message_id: 'i2' });
  assert.deepEqual(c, { to_user_name: 'bob', text: 'c', client_message_id: 'i3' });
});

test('what is published before the connection is sent with it', async () => {
  const { client } = stage.client();
  const published = client.publish(ROOM, 'early');
  client.connect();
  const peer = await stage.server.acceptAndWelcome();

  peer.published(await peer.expect('publish'), 1);

  assert.equal((await published).seq, 1);
});

test('a cut before the answer sends it again under the same id', async () => {
  const { client, peer } = await connected();
  const published = client.publish(ROOM, 'hello');
  const before = await peer.expect('publish');

  peer.cut();
  const second = await stage.server.acceptAndWelcome();
  const after = await second.expect('publish');
  second.published(after, 1, true);

  assert.deepEqual(after.publish, before.publish);
  assert.deepEqual(await published, { messageId: 101, seq: 1, duplicate: true });
});

test('publishes to a topic keep their order across reconnects', async () => {
  let { client, peer } = await connected();
  const all = Array.from({ length: 20 }, (_, i) => client.publish(ROOM, `m${i}`));

  const taken = [];
  for (let i = 0; i < 20; i++) {
    let publish = await peer.expect('publish');
    if (!taken.includes(publish.publish.text)) {
      taken.push(publish.publish.text);
    }
    if (i % 3 === 1) {
      peer.cut();
      peer = await stage.server.acceptAndWelcome();
      publish = await peer.expect('publish');
    }
    peer.published(publish, i + 1);
  }

  const answers = await Promise.all(all);
  assert.deepEqual(answers.map((a) => a.seq), Array.from({ length: 20 }, (_, i) => i + 1));
  assert.deepEqual(taken, Array.from({ length: 20 }, (_, i) => `m${i}`));
});

for (const code of ['OVERLOADED', 'STORE_UNAVAILABLE', 'TOO_MANY']) {
  test(`a passing refusal is tried again under the same id: ${code}`, async () => {
    const { client, peer } = await connected();
    const published = client.publish(ROOM, 'hello');

    const refused = await peer.expect('publish');
    const refusedMs = performance.now();
    peer.error(refused, code, 50);
    const again = await peer.expect('publish');
    peer.published(again, 1);

    assert.ok(performance.now() - refusedMs >= 45);
    assert.deepEqual(again.publish, refused.publish);
    assert.equal((await published).seq, 1);
  });
}

test('what becomes due between two looks at the clock is not forgotten', async () => {
  const clock = new ManualClock();
  const looks = [];
  const nowMs = () => looks.shift() ?? clock.now;
  const { client, peer } = await connected({ environment: clock.environment({ random: () => 0, nowMs }) });
  const published = client.publish(ROOM, 'hello');
  peer.error(await peer.expect('publish'), 'OVERLOADED', 50);
  await until(() => clock.nextMs === clock.now + 50);

  looks.push(clock.now + 49.9, clock.now + 50.1); // timers of Node and of browsers are up to a millisecond early
  clock.advance(50);
  clock.advance(2);

  peer.published(await peer.expect('publish'), 1);
  assert.equal((await published).seq, 1);
});

for (const code of ['INVALID_ARGUMENT', 'RECIPIENT_UNKNOWN', 'CLIENT_MESSAGE_ID_REUSED', 'FORBIDDEN', 'INTERNAL', 'TOO_MANY']) {
  test(`any other refusal fails the publish and nothing else: ${code}`, async () => {
    const { client, peer } = await connected();
    const refused = assert.rejects(client.publish(ROOM, 'bad'), failsAs(code));
    const good = client.publish(ROOM, 'good');

    peer.error(await peer.expect('publish'), code);
    peer.published(await peer.expect('publish'), 1);

    await refused;
    assert.equal((await good).seq, 1);
  });
}

test('a publish that cannot be sent expires', async () => {
  const { client } = stage.client({ publishExpiryMs: 50 });

  await assert.rejects(client.publish(ROOM, 'hello'), failsAs('EXPIRED'));
});

test('a publish that nobody answers expires and makes way for the next', async () => {
  const { client, peer } = await connected({ publishExpiryMs: 200 });
  const unanswered = client.publish(ROOM, 'one');
  await peer.expect('publish');

  await assert.rejects(unanswered, failsAs('EXPIRED'));

  const answered = client.publish(ROOM, 'two');
  peer.published(await peer.expect('publish'), 2);
  assert.equal((await answered).seq, 2);
});

test('a full queue refuses at once and says when it has room', async () => {
  const { client, peer } = await connected({ outboundQueue: 2 });
  await client.ready();
  const one = client.publish(ROOM, 'one');
  client.publish(ROOM, 'two').catch(() => {});

  await assert.rejects(client.publish(ROOM, 'three'), failsAs('QUEUE_FULL'));
  let isReady = false;
  const ready = client.ready().then(() => {
    isReady = true;
  });
  assert.ok(!isReady);

  peer.published(await peer.expect('publish'), 1);
  await one;
  await ready;
  const four = client.publish(ROOM, 'four');
  peer.published(await peer.expect('publish'), 2);
  peer.published(await peer.expect('publish'), 3);
  assert.equal((await four).seq, 3);
});

test('what can never be right fails without being sent', async () => {
  const { client, peer } = await connected();

  for (const [text, id] of [['', 'i'], ['\ud800', 'i'], ['x', ''], ['x', 'i'.repeat(65)], ['x'.repeat(140_000), 'i'], [7, 'i']]) {
    await assert.rejects(client.publish(ROOM, text, id), failsAs('INVALID_ARGUMENT'));
  }
  await assert.rejects(client.join(0), failsAs('INVALID_ARGUMENT'));
  await assert.rejects(client.join(2 ** 53), failsAs('INVALID_ARGUMENT'));
  await assert.rejects(client.history(ROOM, -1), failsAs('INVALID_ARGUMENT'));
  assert.throws(() => named(''), failsAs('INVALID_ARGUMENT'));

  const good = client.publish(ROOM, '😀', '😀'.repeat(64));
  peer.published(await peer.expect('publish'), 1);
  await good;
});

test('with a wider window publishes to one topic are pipelined', async () => {
  const { client, peer } = await connected({ publishesInFlightPerTopic: 8 });
  const all = Array.from({ length: 16 }, (_, i) => client.publish(ROOM, `m${i}`));

  const window = [];
  for (let i = 0; i < 8; i++) {
    window.push(await peer.expect('publish'));
  }
  for (let i = 7; i >= 0; i--) {
    peer.published(window[i], i + 1);
  }
  for (let i = 8; i < 16; i++) {
    peer.published(await peer.expect('publish'), i + 1);
  }

  assert.deepEqual((await Promise.all(all)).map((a) => a.seq), Array.from({ length: 16 }, (_, i) => i + 1));
});

test('a server that does not read gets no more than the socket holds', async () => {
  const { client, peer } = await connected({ publishesInFlightPerTopic: 64, outboundQueue: 10_000 });
  peer.pause();
  const text = 'x'.repeat(16_000);

  const all = [];
  for (let topic = 1; topic <= 200; topic++) {
    all.push(client.publish(room(topic), text).catch((e) => e.failure));
  }
  await until(() => true);
  client.close();

  assert.deepEqual(new Set(await Promise.all(all)), new Set(['CLOSED']));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MemoryPositionStore, StoragePositionStore, room } from '../src/gochat.js';
import { dialogue } from '../testing/dialogue.js';
import { EPOCH, USER, until } from '../testing/scripted-server.js';

// Listeners that throw, dawdle or acknowledge, and what becomes of positions.

const INBOX = { user_id: USER };
const stage = dialogue();

async function connected(options) {
  const { client, recorder } = stage.client(options);
  client.connect();
  return { client, recorder, peer: await stage.server.acceptAndWelcome() };
}

test('a listener that throws, at once or later, harms nobody', async () => {
  const warnings = [];
  const { client, recorder } = stage.client({ warn: (what) => warnings.push(what) });
  client.on('message', () => {
    throw new Error('a bug of the application');
  });
  client.on('message', async () => {
    throw new Error('another');
  });
  client.connect();
  const peer = await stage.server.acceptAndWelcome();

  peer.deliver(INBOX, 1, 901, 'one');
  peer.deliver(INBOX, 2, 902, 'two');

  await recorder.awaitMessages(2);
  assert.deepEqual(recorder.story, ['one', 'two']);
  assert.ok((await peer.expect('ack')).ack.seq > 0);
  assert.ok(warnings.length >= 3);
});

test('listeners are called one at a time and in order, and one that promises is waited for', async () => {
  const { client, peer } = await connected();
  let inside = 0;
  const seen = [];
  client.on('message', async (m) => {
    assert.equal(++inside, 1);
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(m.seq);
    inside--;
  });

  for (let seq = 1; seq <= 300; seq++) {
    peer.deliver(INBOX, seq, 10_000 + seq, 'm');
  }

  await until(() => seen.length === 300);
  assert.deepEqual(seen, Array.from({ length: 300 }, (_, i) => i + 1));
});

test('listeners that are too far behind cost the connection, and no message', async () => {
  let go;
  const gate = new Promise((resolve) => {
    go = resolve;
  });
  const { client, recorder } = stage.client({ inboundQueue: 16 });
  client.on('message', () => gate);
  client.connect();
  const first = await stage.server.acceptAndWelcome();

  for (let seq = 1; seq <= 40; seq++) {
    first.deliver(INBOX, seq, 900 + seq, `m${seq}`);
  }
  await first.ended();
  assert.equal(stage.server.visits, 1);
  go();

  const second = await stage.server.accept();
  const hello = await second.welcome();
  for (let seq = hello.hello.resume[0].seq + 1; seq <= 40; seq++) {
    second.deliver(INBOX, seq, 900 + seq, `m${seq}`);
    await recorder.awaitMessages(seq); // one by one: a burst would be too much again
  }
  assert.deepEqual(recorder.story, Array.from({ length: 40 }, (_, i) => `m${i + 1}`));
});

test('a listener may publish and wait for the answer elsewhere', async () => {
  const { client, peer } = await connected();
  let answer;
  client.on('message', (m) => {
    client.publish(room(5), `echo ${m.text}`).then((published) => {
      answer = published.seq;
    });
  });

  peer.deliver(INBOX, 1, 901, 'one');
  peer.published(await peer.expectBesidesAcks('publish'), 42);

  await until(() => answer === 42);
});

test('what was handed over is acknowledged once the listener has returned', async () => {
  let go;
  const { client, peer } = await connected();
  client.on('message', (m) => m.seq === 3 && new Promise((resolve) => (go = resolve)));

  for (let seq = 1; seq <= 3; seq++) {
    peer.deliver(INBOX, seq, 900 + seq, 'm');
  }
  await until(() => go);
  let ack = await peer.expect('ack');
  peer.done(ack);
  if (ack.ack.seq < 2) {
    ack = await peer.expect('ack');
    peer.done(ack);
  }
  assert.deepEqual(ack.ack, { topic: INBOX, seq: 2, epoch: EPOCH });
  go();

  assert.equal((await peer.expect('ack')).ack.seq, 3);
});

test('an acknowledgement that was not confirmed is sent again on the next connection', async () => {
  const { peer } = await connected();
  peer.deliver(INBOX, 1, 901, 'one');
  assert.equal((await peer.expect('ack')).ack.seq, 1);

  peer.cut();
  const second = await stage.server.acceptAndWelcome();

  assert.equal((await second.expect('ack')).ack.seq, 1);
});

test('with manual acknowledgement nothing is acknowledged before the call', async () => {
  const { client, recorder, peer } = await connected({ ackMode: 'MANUAL' });
  for (let seq = 1; seq <= 3; seq++) {
    peer.deliver(INBOX, seq, 900 + seq, `m${seq}`);
  }
  await recorder.awaitMessages(3);

  client.ack(recorder.of('message')[1]);
  client.ack(recorder.of('message')[0]);

  assert.equal((await peer.expect('ack')).ack.seq, 2);
});

test('a message of an epoch that got another name is acknowledged under the new one', async () => {
  const { client, recorder, peer } = await connected({ ackMode: 'MANUAL' });
  peer.deliver(INBOX, 1, 901, 'one');
  peer.gap(INBOX, 2, 1, 2_000);
  peer.deliver(INBOX, 2, 902, 'two');
  await recorder.awaitMessages(2);

  client.ack(recorder.of('message')[0]);

  assert.deepEqual((await peer.expect('ack')).ack, { topic: INBOX, seq: 1, epoch: 2_000 });
});

test('a client that is made again resumes from the position store', async () => {
  const positionStore = new MemoryPositionStore();
  const before = await connected({ positionStore });
  const joined = before.client.join(5);
  await before.peer.join(1);
  await joined;
  before.peer.deliver(INBOX, 1, 901, 'i1');
  before.peer.deliver({ room_id: 5 }, 1, 902, 'r1');
  await before.recorder.awaitMessages(2);
  await before.client.close();

  const { client } = stage.client({ positionStore });
  client.connect();
  client.join(5).catch(() => {});
  const peer = await stage.server.accept();
  const hello = await peer.welcome();
  const join = await peer.join(2);

  assert.deepEqual(hello.hello.resume, [{ topic: INBOX, epoch: EPOCH, seq: 1, message_id: 901 }]);
  assert.deepEqual(join.join.from, { topic: { room_id: 5 }, epoch: EPOCH, seq: 1, message_id: 902 });
});

test('a store that cannot be read, or holds something else, closes rather than skips', async () => {
  for (const text of ['nonsense', '{"room:5":7}', '{"what":{"epoch":1,"seq":1,"messageId":1}}', '{"room:5":{"epoch":-1}}']) {
    const positionStore = new StoragePositionStore({ getItem: () => text, setItem: () => {} }, 'key');
    const { client } = stage.client({ positionStore });

    await assert.rejects(client.connect(), (e) => e.closeReason === 'REFUSED' && e.message.includes('position store'));
  }
});

test('a store that cannot be written is told, and tried again', async () => {
  const warnings = [];
  const saved = [];
  const positionStore = {
    load: () => null,
    save: async (positions) => {
      saved.push(positions);
      if (saved.length === 1) {
        throw new Error('the quota is used up');
      }
    },
  };
  const { recorder, peer } = await connected({ positionStore, warn: (what) => warnings.push(what) });

  peer.deliver(INBOX, 1, 901, 'one');
  await until(() => warnings.length === 1);
  peer.deliver(INBOX, 2, 902, 'two');
  await recorder.awaitMessages(2);

  await until(() => saved.length >= 2);
  assert.deepEqual(saved.at(-1), { [`user:${USER}`]: { epoch: EPOCH, seq: 2, messageId: 902 } });
});

test("another user's position store is given up, not followed", async () => {
  const positionStore = new MemoryPositionStore();
  positionStore.save({ 'user:3': { epoch: EPOCH, seq: 9, messageId: 909 } });
  const { client } = stage.client({ positionStore });
  client.connect();

  const first = await stage.server.accept();
  const hello = await first.expect('hello');
  assert.equal(hello.hello.resume[0].topic.user_id, 3);
  first.error(hello, 'FORBIDDEN');
  const second = await stage.server.accept();

  assert.deepEqual((await second.welcome()).hello.resume, []);
  await until(() => client.state.phase === 'CONNECTED');
});

// ---- closing

test('closing fails everything that is unanswered, and what comes later', async () => {
  const { client, peer } = await connected();
  const pending = [
    client.publish(room(1), 'one'),
    client.publish(room(1), 'two'),
    client.join(1),
    client.roomInfo(3),
    client.history(room(4), 0, 10),
    client.history(room(4), 10, 10),
  ];
  pending.forEach((p) => p.catch(() => {}));
  await peer.read();

  await client.close();

  for (const p of [...pending, client.publish(room(1), 'late'), client.join(1), client.leave(1)]) {
    await assert.rejects(p, (e) => e.failure === 'CLOSED' && e.closeReason === 'CALLER');
  }
  await peer.ended();
  assert.equal(peer.closeCode, 1000);
  assert.equal(stage.server.visits, 1);
});

test('a client that never connected closes too', async () => {
  const { client, recorder } = stage.client();

  await client.close();
  await client.close();

  assert.deepEqual(recorder.phases, ['CLOSED']);
  await assert.rejects(client.connect(), (e) => e.failure === 'CLOSED');
});

test('the last acknowledgement is sent before the end', async () => {
  const { client, recorder, peer } = await connected();
  peer.deliver(INBOX, 1, 901, 'one');
  await recorder.awaitMessages(1);
  await peer.expect('ack'); // not confirmed, so that the second can only go out with the closing
  peer.deliver(INBOX, 2, 902, 'two');
  await recorder.awaitMessages(2);

  await client.close();

  assert.equal((await peer.expect('ack')).ack.seq, 2);
  await peer.ended();
});

test('a listener may close its client, and one that never returns does not hold it', async () => {
  const { client, recorder, peer } = await connected();
  client.on('message', () => {
    client.close();
    return new Promise(() => {});
  });

  peer.deliver(INBOX, 1, 901, 'one');
  peer.deliver(INBOX, 2, 902, 'two');

  await until(() => client.state.phase === 'CLOSED');
  await client.close();
  assert.equal(recorder.of('message').length, 1);
  await peer.ended();
});

test('what a client cannot be made with is said', () => {
  assert.throws(() => stage.client({ ackMode: 'SOMETIMES' }), TypeError);
  assert.throws(() => stage.client({ acknowledge: true }), /no such option: acknowledge/);
  assert.throws(() => stage.client({ deviceId: 'd'.repeat(65) }), TypeError);
  assert.throws(() => stage.client({ server: '' }), /where is the server/);
  assert.throws(() => stage.client({ WebSocket: undefined, server: 'http://x' }), /no WebSocket/);
});

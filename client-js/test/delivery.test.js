import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BEGINNING } from '../src/gochat.js';
import { dialogue } from '../testing/dialogue.js';
import { EPOCH, USER, resumedAt, until } from '../testing/scripted-server.js';

// What reaches the application of what arrives, duplicates, holes and new epochs included.

const INBOX = { user_id: USER };
const ROOM = { room_id: 5 };
const stage = dialogue();

async function connected() {
  const { client, recorder } = stage.client();
  client.connect();
  return { client, recorder, peer: await stage.server.acceptAndWelcome() };
}

test('the inbox is delivered from the welcome on', async () => {
  const { peer, recorder } = await connected();

  peer.deliver(INBOX, 1, 901, 'one');
  peer.deliver(INBOX, 2, 902, 'two');

  await recorder.awaitMessages(2);
  assert.deepEqual(recorder.story, ['one', 'two']);
  const { topic, epoch, seq, messageId, fromUserName } = recorder.of('message')[1];
  assert.deepEqual({ topic, epoch, seq, messageId, fromUserName }, {
    topic: { userId: USER }, epoch: EPOCH, seq: 2, messageId: 902, fromUserName: 'alice',
  });
  assert.deepEqual(recorder.phases, ['CONNECTING', 'CONNECTED']);
});

test('duplicates on the wire are dropped', async () => {
  const { peer, recorder } = await connected();

  for (const seq of [1, 1, 2, 1, 2, 3]) {
    peer.deliver(INBOX, seq, 900 + seq, `m${seq}`);
  }

  await recorder.awaitMessages(3);
  assert.deepEqual(recorder.story, ['m1', 'm2', 'm3']);
});

test('a reconnect resumes the inbox and the rooms from what was taken', async () => {
  const { client, recorder, peer } = await connected();
  const joined = client.join(5);
  await peer.join(11);
  assert.deepEqual(await joined, { roomId: 5, memberCount: 1, nextSeq: 11, recovered: true });
  peer.deliver(INBOX, 1, 901, 'i1');
  peer.deliver(ROOM, 11, 911, 'r11');
  await recorder.awaitMessages(2);

  peer.cut();
  const second = await stage.server.accept();
  const hello = await second.welcome();
  second.deliver(ROOM, 11, 911, 'r11');
  second.deliver(ROOM, 12, 912, 'r12');
  second.deliver(INBOX, 2, 902, 'i2');

  assert.deepEqual(hello.hello.resume, [
    { topic: INBOX, epoch: EPOCH, seq: 1, message_id: 901 },
    { topic: ROOM, epoch: EPOCH, seq: 11, message_id: 911 },
  ]);
  await recorder.awaitMessages(4);
  assert.deepEqual([...recorder.story].sort(), ['i1', 'i2', 'r11', 'r12']);
  assert.ok(recorder.phases.includes('RECOVERING'));
});

test('a room where nothing was said yet is resumed from its start', async () => {
  const { client, peer } = await connected();
  const joined = client.join(5);
  await peer.join(11);
  await joined;

  peer.cut();
  const hello = await (await stage.server.accept()).welcome();

  assert.deepEqual(hello.hello.resume.at(-1), { topic: ROOM, epoch: EPOCH, seq: 10, message_id: 0 });
});

test('a room that the welcome leaves out is joined again by command', async () => {
  const { client, recorder, peer } = await connected();
  const joined = client.join(5);
  await peer.join(11);
  await joined;
  peer.deliver(ROOM, 11, 911, 'r11');
  await recorder.awaitMessages(1);

  peer.cut();
  const second = await stage.server.accept();
  const hello = await second.expect('hello');
  second.welcomeWith(hello, [resumedAt(INBOX, EPOCH, 1, true)]);
  second.error(await second.expect('join'), 'TOO_MANY', 5);
  const join = await second.join(12);
  second.deliver(ROOM, 12, 912, 'r12');

  assert.deepEqual(join.join.from, { topic: ROOM, epoch: EPOCH, seq: 11, message_id: 911 });
  await recorder.awaitMessages(2);
  assert.deepEqual(recorder.story, ['r11', 'r12']);
});

test('a changed epoch is told in its place, and old numbers are new messages', async () => {
  const { recorder, peer } = await connected();
  peer.deliver(INBOX, 1, 901, 'one');
  peer.deliver(INBOX, 2, 902, 'two');
  await recorder.awaitMessages(2);

  peer.cut();
  const second = await stage.server.accept();
  second.welcomeWith(await second.expect('hello'), [resumedAt(INBOX, 2_000, 2, false)]);
  second.gap(INBOX, 0, 1, 2_000);
  second.deliver(INBOX, 2, 777, 'another two');

  await recorder.awaitMessages(3);
  assert.deepEqual(recorder.story, ['one', 'two', '0-1', 'another two']);
  assert.deepEqual(recorder.of('gap'), [
    { topic: { userId: USER }, fromSeq: 0, toSeq: 1, epoch: 2_000, epochChanged: true },
  ]);
  assert.equal(recorder.of('message')[2].epoch, 2_000);
});

test('the empty gap of a new epoch is taken over and told to nobody', async () => {
  const { recorder, peer } = await connected();
  peer.deliver(INBOX, 1, 901, 'one');
  await recorder.awaitMessages(1);

  peer.gap(INBOX, 2, 1, 2_000);
  peer.deliver(INBOX, 1, 901, 'one');
  peer.deliver(INBOX, 2, 902, 'two');
  await recorder.awaitMessages(2);

  assert.deepEqual(recorder.story, ['one', 'two']);
  assert.equal(recorder.of('message')[1].epoch, 2_000);
  await until(() => peer.hasUnread);
  let ack = await peer.expect('ack');
  if (ack.ack.seq === 1) {
    peer.done(ack);
    ack = await peer.expect('ack');
  }
  assert.deepEqual([ack.ack.seq, ack.ack.epoch], [2, 2_000]);

  peer.cut();
  const hello = await (await stage.server.accept()).welcome();
  assert.deepEqual(hello.hello.resume, [{ topic: INBOX, epoch: 2_000, seq: 2, message_id: 902 }]);
});

test('a position that is recognised in a new epoch goes on without a word', async () => {
  const { recorder, peer } = await connected();
  peer.deliver(INBOX, 1, 901, 'one');
  await recorder.awaitMessages(1);

  peer.cut();
  const second = await stage.server.accept();
  second.welcomeWith(await second.expect('hello'), [resumedAt(INBOX, 2_000, 2, true)]);
  second.deliver(INBOX, 2, 902, 'two');

  await recorder.awaitMessages(2);
  assert.deepEqual(recorder.story, ['one', 'two']);
});

test('a sequence used again without a word is not taken for a duplicate', async () => {
  const { recorder, peer } = await connected();
  peer.deliver(INBOX, 1, 901, 'one');
  peer.deliver(INBOX, 2, 902, 'two');
  await recorder.awaitMessages(2);

  peer.deliver(INBOX, 2, 777, 'another two');

  await recorder.awaitMessages(3);
  assert.deepEqual(recorder.story, ['one', 'two', '0-1', 'another two']);
  assert.equal(recorder.of('gap')[0].epochChanged, true);
});

test('a gap of retention is told in its place', async () => {
  const { recorder, peer } = await connected();

  peer.deliver(INBOX, 1, 901, 'one');
  peer.gap(INBOX, 2, 9, EPOCH);
  peer.gap(INBOX, 2, 9, EPOCH);
  peer.deliver(INBOX, 10, 910, 'ten');

  await recorder.awaitMessages(2);
  assert.deepEqual(recorder.story, ['one', '2-9', 'ten']);
  assert.equal(recorder.of('gap')[0].epochChanged, false);
});

test('a hole on the wire is filled by resuming', async () => {
  const { recorder, peer } = await connected();
  peer.deliver(INBOX, 1, 901, 'one');
  peer.deliver(INBOX, 3, 903, 'three');

  const second = await stage.server.accept();
  const hello = await second.welcome();
  second.deliver(INBOX, 2, 902, 'two');
  second.deliver(INBOX, 3, 903, 'three');

  assert.equal(hello.hello.resume[0].seq, 1);
  await recorder.awaitMessages(3);
  assert.deepEqual(recorder.story, ['one', 'two', 'three']);
});

test('a hole that stays is told as a gap', async () => {
  const { recorder, peer } = await connected();
  peer.deliver(INBOX, 1, 901, 'one');
  peer.deliver(INBOX, 3, 903, 'three');

  const second = await stage.server.acceptAndWelcome();
  second.deliver(INBOX, 3, 903, 'three');

  await recorder.awaitMessages(2);
  assert.deepEqual(recorder.story, ['one', '2-2', 'three']);
});

test('nothing of a room is handed over after it was left', async () => {
  const { client, recorder, peer } = await connected();
  const joined = client.join(5);
  await peer.join(1);
  await joined;
  peer.deliver(ROOM, 1, 901, 'before');
  await recorder.awaitMessages(1);

  const left = client.leave(5);
  const leave = await peer.expectBesidesAcks('leave');
  peer.deliver(ROOM, 2, 902, 'between');
  peer.done(leave);
  await left;
  peer.deliver(INBOX, 1, 903, 'after');

  await recorder.awaitMessages(2);
  assert.deepEqual(recorder.story, ['before', 'after']);
});

test('what arrives between a new join and its answer belongs to the old one', async () => {
  const { client, recorder, peer } = await connected();
  const joined = client.join(5);
  await peer.join(10);
  await joined;
  peer.deliver(ROOM, 10, 910, 'ten');
  await recorder.awaitMessages(1);

  const again = client.join(5, BEGINNING);
  const join = await peer.expectBesidesAcks('join');
  peer.deliver(ROOM, 11, 911, 'eleven');
  peer.send({ request_id: join.request_id, joined: { resumed: resumedAt(ROOM, EPOCH, 9, false) } });
  peer.gap(ROOM, 1, 8, EPOCH);
  await again;
  for (const seq of [9, 10, 11]) {
    peer.deliver(ROOM, seq, 900 + seq, `m${seq}`);
  }

  assert.deepEqual(join.join.from, { topic: ROOM, epoch: 0, seq: 0, message_id: 0 });
  await recorder.awaitMessages(4);
  assert.deepEqual(recorder.story, ['ten', '1-8', 'm9', 'm10', 'm11']);
});

test('presence reaches its listener for joined rooms only', async () => {
  const { client, recorder, peer } = await connected();
  const joined = client.join(5);
  await peer.join(1);
  await joined;

  peer.send({ presence: { room_id: 6, count: 9 } });
  peer.send({ presence: { room_id: 5, count: 2, joined: [{ user_id: 9, username: 'alice' }] } });

  await until(() => recorder.of('presence').length > 0);
  assert.deepEqual(recorder.of('presence'), [
    { roomId: 5, count: 2, joined: [{ userId: 9, username: 'alice' }], left: [] },
  ]);
});

test('history and room info answer with what the server says', async () => {
  const { client, peer } = await connected();
  const history = client.history({ roomId: 5 }, 0, 2);
  const info = client.roomInfo(5);

  const fetch = await peer.expect('fetch');
  const ask = await peer.expect('get_room_info');
  const messages = [{ message_id: 9, topic: ROOM, seq: 1, from_user_id: 9, text: 'hi' }];
  peer.send({ request_id: fetch.request_id, history: { messages, first_seq: 1, last_seq: 4, epoch: EPOCH } });
  peer.send({ request_id: ask.request_id, room_info: { room_id: 5, count: 1, members: [{ user_id: 9 }] } });

  assert.deepEqual(fetch.fetch, { topic: ROOM, after_seq: 0, limit: 2 });
  const got = await history;
  assert.deepEqual([got.lastSeq, got.messages[0].text, got.messages[0].epoch], [4, 'hi', EPOCH]);
  assert.deepEqual(await info, { roomId: 5, count: 1, members: [{ userId: 9, username: '' }] });
});

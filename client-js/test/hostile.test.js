import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dialogue } from '../testing/dialogue.js';
import { EPOCH, USER, resumedAt } from '../testing/scripted-server.js';

// A server that says anything at all.

const INBOX = { user_id: USER };
const stage = dialogue();

const GARBAGE = {
  'no JSON': 'HTTP/1.1 400 Bad Request',
  'half of an object': '{"delivery":',
  nothing: '',
  null: 'null',
  'a number': '42',
  'a list': '[{"welcome":{}}]',
  'a request id that is a text': '{"request_id":"1"}',
  'a request id that is negative': '{"request_id":-1}',
  'an event that is a text': '{"delivery":"hi"}',
  'an event that is a list': '{"gap":[]}',
  'a sequence beyond 2^53': '{"delivery":{"topic":{"room_id":5},"seq":9007199254740993}}',
  'a sequence that is a fraction': '{"delivery":{"topic":{"room_id":5},"seq":1.5}}',
  'a topic that is a text': '{"delivery":{"topic":"room 5","seq":1}}',
  'members that are no list': '{"presence":{"room_id":5,"joined":{"user_id":1}}}',
  'a member that is null': '{"presence":{"room_id":5,"joined":[null]}}',
  'a text that is a number': '{"delivery":{"topic":{"user_id":7},"seq":1,"text":5}}',
  'a flag that is a text': '{"published":{"duplicate":"yes"}}',
  'an error without an error': '{"error":7}',
  'very deep nesting': `{"delivery":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
};

for (const [what, text] of Object.entries(GARBAGE)) {
  test(`garbage after a welcome is an accident on the way: ${what}`, async () => {
    const { client, recorder } = stage.client();
    client.connect();
    const peer = await stage.server.acceptAndWelcome();

    peer.sendText(text);

    const next = await stage.server.acceptAndWelcome();
    next.deliver(INBOX, 1, 901, 'one');
    await recorder.awaitMessages(1);
    assert.ok(!recorder.phases.includes('CLOSED'));
  });
}

for (const text of [GARBAGE['no JSON'], '{"delivery":{"seq":1}}', '{"welcome":{"user_id":"7"}}', '{"welcome":{"user_id":0}}']) {
  test(`a server that speaks something else closes as a protocol error: ${text}`, async () => {
    const { client, recorder } = stage.client();
    client.connect();
    const peer = await stage.server.accept();
    await peer.expect('hello');

    peer.sendText(text);

    await recorder.awaitPhase('CLOSED');
    assert.equal(client.state.reason, 'PROTOCOL_ERROR');
  });
}

test('binary messages, second welcomes and messages of any size are survived', async () => {
  const { client, recorder } = stage.client();
  client.connect();

  (await stage.server.acceptAndWelcome()).sendBinary([1, 0, 0, 2, 9, 9]);
  const second = await stage.server.accept();
  second.welcomeWith(await second.expect('hello'), []);
  second.send({ welcome: { user_id: USER } });
  const third = await stage.server.acceptAndWelcome();
  third.sendText(`{"delivery":{"topic":{"user_id":7},"seq":1,"text":"${'x'.repeat(9 * 1024 * 1024)}"}}`);

  const fourth = await stage.server.acceptAndWelcome();
  fourth.deliver(INBOX, 1, 901, 'y'.repeat(1024 * 1024));
  await recorder.awaitMessages(1);
  assert.equal(recorder.of('message')[0].text.length, 1024 * 1024);
});

test('events, members and words of a newer server are ignored', async () => {
  const { client, recorder } = stage.client();
  client.connect();
  const peer = await stage.server.accept();
  const hello = await peer.expect('hello');
  peer.send({ novelty: { a: 1 } });
  peer.welcomeWith(hello, [resumedAt(INBOX, EPOCH, 1, true), resumedAt({ channel: 'x' }, EPOCH, 1, true)], { mood: 'good' });

  peer.send({ novelty: { a: [1, 2] }, request_id: 99 });
  peer.send({ request_id: 99, error: { code: 'A_NEW_ONE', message: 'whatever' } });
  peer.send({ request_id: 99, done: {} });
  peer.send({ request_id: 98, published: { seq: 3 } });
  peer.send({ delivery: { topic: { channel: 'x' }, seq: 1, text: 'nobody asked' } });
  peer.send({ delivery: { topic: { room_id: 99 }, seq: 1, text: 'not joined' } });
  peer.send({ delivery: { topic: { user_id: 3 }, seq: 1, text: 'not mine' } });
  peer.send({ delivery: { topic: INBOX, seq: 1, message_id: 901, text: 'one', reactions: ['👍'], to_user_name: null } });

  await recorder.awaitMessages(1);
  assert.deepEqual(recorder.story, ['one']);
  assert.equal(recorder.of('message')[0].toUserName, '');
  assert.equal(stage.server.visits, 1);
});

test('an answer that does not fit its request fails that request', async () => {
  const { client } = stage.client();
  client.connect();
  const peer = await stage.server.acceptAndWelcome();
  const info = client.roomInfo(5);
  const ask = await peer.expect('get_room_info');

  peer.send({ request_id: ask.request_id, done: {} });

  await assert.rejects(info, (e) => e.failure === 'INTERNAL');
});

test('names of an object’s own machinery are only names', async () => {
  const { client, recorder } = stage.client();
  client.connect();
  const peer = await stage.server.acceptAndWelcome();

  peer.sendText('{"__proto__":{"delivery":{}},"constructor":1,"toString":{}}');
  peer.deliver(INBOX, 1, 901, '__proto__');

  await recorder.awaitMessages(1);
  assert.deepEqual(recorder.story, ['__proto__']);
  assert.equal({}.delivery, undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TopicCursor, Verdict } from '../src/cursor.js';
import { room } from '../src/wire.js';

const ROOM = room(5);

test('an empty gap takes the epoch over and keeps the message', () => {
  const cursor = new TopicCursor(ROOM);
  cursor.startsAt({ epoch: 1, nextSeq: 1, recovered: true });
  cursor.judge(1, 901);

  assert.equal(cursor.lost({ epoch: 2, fromSeq: 2, toSeq: 1 }), null);

  assert.deepEqual(cursor.position, { epoch: 2, seq: 1, messageId: 901 });
  assert.equal(cursor.judge(1, 901), Verdict.DUPLICATE);
  assert.equal(cursor.judge(2, 902), Verdict.NEXT);
});

test('an empty gap after a start that was not recognised tells nobody', () => {
  const cursor = new TopicCursor(ROOM, { epoch: 1, seq: 20, messageId: 920 });
  cursor.startsAt({ epoch: 2, nextSeq: 21, recovered: false });

  assert.equal(cursor.lost({ epoch: 2, fromSeq: 21, toSeq: 20 }), null);

  assert.deepEqual(cursor.position, { epoch: 2, seq: 20, messageId: 920 });
  assert.equal(cursor.judge(21, 921), Verdict.NEXT);
});

test('an empty gap at another place than ours is told', () => {
  const cursor = new TopicCursor(ROOM, { epoch: 1, seq: 20, messageId: 920 });
  cursor.startsAt({ epoch: 2, nextSeq: 4, recovered: false });

  const gap = cursor.lost({ epoch: 2, fromSeq: 4, toSeq: 3 });

  assert.deepEqual(gap, { topic: ROOM, fromSeq: 0, toSeq: 3, epoch: 2, epochChanged: true });
  assert.equal(cursor.judge(4, 2_004), Verdict.NEXT);
});

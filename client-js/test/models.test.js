import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Backoff } from '../src/backoff.js';
import { PendingPublishes } from '../src/pending-publishes.js';
import { Positions } from '../src/positions.js';
import { Subscriptions } from '../src/subscriptions.js';
import { room, user } from '../src/wire.js';

// The hard parts at random, in thousands of interleavings, against models of the server.

/** Repeatable random numbers: 0 … n-1. */
function dice(seed) {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const SEED = Number(process.env.GOCHAT_SEED ?? Date.now() % 2 ** 32);

/** A log, a connection to it, and what the application has seen. */
class Log {
  #roll;
  #where;
  #positions = new Positions(null, false, () => {});
  #subscriptions = new Subscriptions(this.#positions, (d) => this.#see(d), (why) => assert.fail(`${this.#where}: ${why}`));
  #seenIds = new Set();
  #log = [];
  #epoch = 1;
  #lastSeq = 0;
  #lastId = 0;
  #isConnected = false;
  #nextSeq = 1;
  #seen = null;

  constructor(roll, where) {
    this.#roll = roll;
    this.#where = where;
  }

  run(steps) {
    const deeds = ['publish', 'publish', 'publish', 'publish', 'deliver', 'deliver', 'deliver', 'deliverAgain', 'cut', 'connect', 'trim', 'rename', 'stop'];
    for (let i = 0; i < steps; i++) {
      this[deeds[this.#roll(deeds.length)]]();
    }
    this.connect();
    while (this.#nextSeq <= this.#lastSeq) {
      this.deliver();
    }
    if (this.#lastSeq > 0 && this.#seen !== null) {
      assert.deepEqual(this.#seen, { epoch: this.#epoch, seq: this.#lastSeq }, this.#where);
    }
  }

  publish() {
    this.#log.push({ seq: ++this.#lastSeq, id: ++this.#lastId });
  }

  trim() {
    this.#log.splice(0, this.#roll(this.#log.length + 1));
  }

  /** A new epoch in which nothing is missing. */
  rename() {
    this.#epoch++;
    if (this.#isConnected) {
      this.#gap(this.#nextSeq, this.#nextSeq - 1);
    }
  }

  /** Loses the last moments: their sequences will be used again, in a new epoch. */
  stop() {
    if (this.#roll(4) > 0) {
      return;
    }
    this.cut();
    const lost = this.#roll(this.#log.length + 1);
    this.#log.length -= lost;
    this.#lastSeq -= lost;
    this.#epoch++;
  }

  cut() {
    this.#isConnected = false;
    this.#subscriptions.linkDown();
  }

  connect() {
    if (this.#isConnected) {
      return;
    }
    this.#isConnected = true;
    const [from] = this.#subscriptions.resume(1_000_000);
    const first = this.#log[0]?.seq ?? this.#lastSeq + 1;
    const wanted = (from?.seq ?? 0) + 1;
    const isKnown = from === undefined || this.#recognises(from);
    this.#nextSeq = isKnown ? Math.max(wanted, first) : first;
    const recovered = isKnown && wanted >= first;
    const start = { topic: user(7), epoch: this.#epoch, seq: this.#lastSeq, nextSeq: this.#nextSeq, recovered };
    this.#subscriptions.welcomed(7, [start]);
    if (!recovered && this.#roll(5) === 0) {
      this.cut(); // between the welcome and its gap
      this.connect();
    } else if (!recovered) {
      this.#gap(isKnown ? wanted : 0, this.#nextSeq - 1);
    }
  }

  /** By its epoch, or by the id that is stored at its sequence. */
  #recognises({ epoch, seq, message_id: id }) {
    const stored = this.#log.find((e) => e.seq === seq);
    if (stored !== undefined && id !== 0) {
      return stored.id === id;
    }
    return epoch === this.#epoch && seq <= this.#lastSeq;
  }

  deliver() {
    if (!this.#isConnected || this.#nextSeq > this.#lastSeq) {
      return;
    }
    const first = this.#log[0]?.seq ?? this.#lastSeq + 1;
    if (this.#nextSeq < first) {
      this.#gap(this.#nextSeq, first - 1);
      this.#nextSeq = first;
    } else {
      this.#send(this.#log[this.#nextSeq - first]);
      this.#nextSeq++;
    }
  }

  deliverAgain() {
    if (this.#isConnected && this.#seen?.epoch === this.#epoch) {
      const sent = this.#log.filter((e) => e.seq < this.#nextSeq && e.seq <= this.#seen.seq);
      if (sent.length > 0) {
        this.#send(sent[this.#roll(sent.length)]);
      }
    }
  }

  #send({ seq, id }) {
    this.#subscriptions.delivered({ topic: user(7), seq, messageId: id, text: 'x' });
  }

  #gap(fromSeq, toSeq) {
    this.#subscriptions.lost({ topic: user(7), fromSeq, toSeq, epoch: this.#epoch });
  }

  #see({ kind, value }) {
    if (kind === 'gap') {
      if (value.epochChanged) {
        this.#seenIds.clear(); // told: what survived of the old epoch may come again under the new one
      }
      this.#seen = { epoch: value.epoch, seq: value.toSeq };
    } else if (kind === 'renamed') {
      this.#seen = this.#seen && { ...this.#seen, epoch: value };
    } else if (kind === 'message') {
      assert.ok(!this.#seenIds.has(value.messageId), `${this.#where}: once`);
      this.#seenIds.add(value.messageId);
      const here = { epoch: value.epoch, seq: value.seq };
      if (this.#seen !== null) {
        const next = { epoch: this.#seen.epoch, seq: this.#seen.seq + 1 };
        assert.deepEqual(here, next, `${this.#where}: the next, or a gap in between`);
      }
      assert.equal(value.epoch, this.#epoch, this.#where);
      this.#seen = here;
    }
  }
}

test('whatever happens each message is handed over once, in order, or told as lost', () => {
  const roll = dice(SEED);
  for (let round = 0; round < 3_000; round++) {
    new Log(roll, `GOCHAT_SEED=${SEED} round ${round}`).run(40);
  }
});

/** A server takes a prefix of what is on the wire, refuses some, answers some, and breaks the connection at random. */
function storeAll(roll, perTopic) {
  const pending = new PendingPublishes(1);
  const topics = [room(1), user(2)];
  const stored = new Map();
  const answered = new Set();
  let wire = [];
  let nowMs = 0;
  let requestId = 0;
  const store = ({ publish }) => {
    if (!stored.has(publish.clientMessageId)) {
      stored.set(publish.clientMessageId, publish);
    }
  };
  const breakConnection = () => {
    wire.slice(0, roll(wire.length + 1)).forEach(store);
    wire = [];
    pending.linkDown();
  };
  for (let i = 0; i < perTopic; i++) {
    topics.forEach((topic, t) => pending.add({ topic, text: `${i}`, clientMessageId: `${t}-${i}`, deadlineMs: Infinity }));
  }
  while (pending.size > 0) {
    pending.pump(nowMs++, (publish) => (wire.push({ id: ++requestId, publish }), requestId), () => true);
    const face = roll(10);
    if (wire.length > 0 && face < 7) {
      const next = wire.shift();
      if (face === 0) {
        pending.refused(next.id, nowMs + roll(5));
      } else {
        store(next);
        if (face > 1) {
          answered.add(pending.answered(next.id)?.clientMessageId);
        } else {
          breakConnection();
        }
      }
    } else if (face === 9) {
      breakConnection();
    }
  }
  return { stored: [...stored.values()], answered };
}

test('each publish is stored once and in order whatever happens', () => {
  const roll = dice(SEED);
  for (let round = 0; round < 1_000; round++) {
    const { stored, answered } = storeAll(roll, 12);
    for (const kind of ['roomId', 'userId']) {
      const texts = stored.filter((p) => kind in p.topic).map((p) => Number(p.text));
      assert.deepEqual(texts, Array.from({ length: 12 }, (_, i) => i), `GOCHAT_SEED=${SEED} round ${round}`);
    }
    assert.equal(answered.size, 24);
  }
});

function publish(topic, text, deadlineMs = Infinity) {
  return { topic, text, clientMessageId: `id-${text}`, deadlineMs };
}

/** Publishes whose wire is a list of texts; each has its place in it plus one as request id. */
function pendingOf(window, ...publishes) {
  const pending = new PendingPublishes(window);
  publishes.forEach((p) => pending.add(p));
  const wire = [];
  const pump = (nowMs = 0) => pending.pump(nowMs, (p) => wire.push(p.text), () => true);
  pump();
  return { pending, wire, pump };
}

test('nothing overtakes a publish that was refused, and it holds its own topic only', () => {
  const [a, b] = [room(1), room(2)];
  const { pending, wire, pump } = pendingOf(3, ...['a1', 'a2', 'a3', 'a4', 'a5'].map((t) => publish(a, t)));

  pending.refused(1, 1_000);
  pending.answered(2);
  pending.add(publish(b, 'b1'));
  pump(999);
  assert.deepEqual(wire, ['a1', 'a2', 'a3', 'b1']);
  assert.equal(pending.nextWakeUpMs(999), 1_000);

  pump(1_000);
  assert.deepEqual(wire, ['a1', 'a2', 'a3', 'b1', 'a1']);
  pending.answered(5);
  pump(1_000);
  assert.deepEqual(wire.slice(5), ['a4', 'a5']);
});

test('topics take turns, and at most 64 publishes are on the wire', () => {
  const { wire } = pendingOf(64, ...Array.from({ length: 200 }, (_, i) => publish(room(1 + (i % 2)), `m${i}`)));

  assert.equal(wire.length, 64);
  assert.deepEqual(wire.slice(0, 4), ['m0', 'm1', 'm2', 'm3']);
});

test('what is too old is given up and makes way', () => {
  const { pending, wire, pump } = pendingOf(1, publish(room(1), 'old', 100), publish(room(1), 'young', 200));

  const expired = pending.expire(100);
  pump(100);

  assert.deepEqual(expired.map((p) => p.text), ['old']);
  assert.deepEqual(wire, ['old', 'young']);
  assert.equal(pending.answered(1), null);
});

test('delays are random below a bound that doubles, and never before the server said', () => {
  let random = 0.999;
  const backoff = new Backoff(100, 1_000, () => random);

  const bounds = Array.from({ length: 60 }, () => Math.ceil(backoff.nextDelayMs()));
  assert.deepEqual(bounds.slice(0, 6), [100, 200, 400, 800, 999, 999]);
  assert.equal(bounds.at(-1), 999);
  random = 0;
  assert.equal(backoff.nextDelayMs(), 0);
  assert.equal(backoff.afterServerDelayMs(5_000), 5_000);
  backoff.reset();
  random = 0.5;
  assert.equal(backoff.nextDelayMs(), 50);
});

import { afterEach, beforeEach } from 'node:test';

import { ChatClient } from '../src/gochat.js';
import { ScriptedServer, until } from './scripted-server.js';

/** Everything that a client tells its listeners, in order. */
export class Recorder {
  events = [];

  constructor(client) {
    for (const kind of ['message', 'gap', 'presence', 'state']) {
      client.on(kind, (told) => {
        this.events.push({ kind, told });
      });
    }
  }

  of(kind) {
    return this.events.filter((e) => e.kind === kind).map((e) => e.told);
  }

  get phases() {
    return this.of('state').map((s) => s.phase);
  }

  /** Messages as their texts and gaps as `from-to`, in the order in which they were told. */
  get story() {
    return this.events
      .filter((e) => e.kind === 'message' || e.kind === 'gap')
      .map(({ kind, told }) => (kind === 'gap' ? `${told.fromSeq}-${told.toSeq}` : told.text));
  }

  awaitMessages(count) {
    return until(() => this.of('message').length >= count, `${count} messages, but ${this.story}`);
  }

  awaitPhase(phase) {
    return until(() => this.phases.includes(phase), `${phase}, but ${this.phases}`);
  }
}

/** What a test plays with: a scripted server and clients of it, that end with the test. */
export function dialogue() {
  const stage = {
    server: null,
    clients: [],
    /** A client that reconnects quickly, and its recorder. */
    client(options = {}) {
      const client = new ChatClient({
        server: stage.server.url,
        token: 'a token',
        backoffFirstMs: 5,
        backoffLongestMs: 50,
        warn: () => {},
        ...options,
      });
      stage.clients.push(client);
      return { client, recorder: new Recorder(client) };
    },
  };
  beforeEach(async () => {
    stage.server = await ScriptedServer.start();
  });
  afterEach(async () => {
    await Promise.all(stage.clients.splice(0).map((client) => client.close()));
    await stage.server.stop();
  });
  return stage;
}

/** A clock that stands until it is moved, and runs the timers that it passes. */
export class ManualClock {
  now = 1_000_000;
  #timers = new Map();
  #last = 0;

  environment(more = {}) {
    return {
      nowMs: () => this.now,
      setTimeout: (task, delayMs) => {
        this.#timers.set(++this.#last, { task, atMs: this.now + delayMs });
        return this.#last;
      },
      clearTimeout: (timer) => this.#timers.delete(timer),
      random: () => 0.5,
      ...more,
    };
  }

  /** When the next timer is due; Infinity: there is none. */
  get nextMs() {
    return Math.min(...[...this.#timers.values()].map((t) => t.atMs));
  }

  advance(ms) {
    const end = this.now + ms;
    for (let next = this.#due(end); next !== null; next = this.#due(end)) {
      const [timer, { task, atMs }] = next;
      this.#timers.delete(timer);
      this.now = Math.max(this.now, atMs);
      task();
    }
    this.now = end;
  }

  /** The clock goes on while timers sleep; then they fire, late. */
  sleep(ms) {
    this.now += ms;
    this.advance(0);
  }

  #due(end) {
    return (
      [...this.#timers].filter(([, t]) => t.atMs <= end).sort(([, a], [, b]) => a.atMs - b.atMs)[0] ?? null
    );
  }
}

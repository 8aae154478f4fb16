import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * A server that does what a test tells it, over real sockets: for the faults that a right server never shows. Each
 * accepted connection waits in `accept` to be played by the test.
 */

export const USER = 7;
export const EPOCH = 1_000;
const DEADLINE_MS = 10_000;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Resolves with `promise`, or fails when that takes too long. */
export function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came: ${what}`)), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Resolves when `condition` holds. */
export async function until(condition, what = String(condition)) {
  const deadline = Date.now() + DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new Error(`never: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Items that are taken one by one, by whoever waits for them. */
class Queue {
  #items = [];
  #waiting = [];

  get size() {
    return this.#items.length;
  }

  add(item) {
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting(item);
    } else {
      this.#items.push(item);
    }
  }

  take(what) {
    return soon(this.#items.length > 0 ? this.#items.shift() : new Promise((r) => this.#waiting.push(r)), what);
  }
}

export class ScriptedServer {
  #http = createServer((_, response) => response.writeHead(404).end());
  #accepted = new Queue();
  #peers = [];
  visits = 0;
  port = 0;

  static async start(port = 0) {
    const server = new ScriptedServer();
    server.#http.on('upgrade', (request, socket) => server.#upgrade(request, socket));
    server.#http.listen(port, '127.0.0.1');
    await once(server.#http, 'listening');
    server.port = server.#http.address().port;
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The next connection. */
  accept() {
    return this.#accepted.take('a connection');
  }

  /** The next connection, greeted; its inbox starts at 1 unless it resumes from elsewhere. */
  async acceptAndWelcome() {
    const peer = await this.accept();
    await peer.welcome();
    return peer;
  }

  async stop() {
    this.#peers.forEach((peer) => peer.cut());
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #upgrade(request, socket) {
    this.visits++;
    const key = request.headers['sec-websocket-key'];
    const accept = createHash('sha1').update(key + GUID).digest('base64');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: gochat.v1.json\r\n\r\n`,
    );
    const peer = new Peer(request, socket);
    this.#peers.push(peer);
    this.#accepted.add(peer);
  }
}

/** One connection, whose server's side the test plays. */
export class Peer {
  #socket;
  #bytes = Buffer.alloc(0);
  #frames = new Queue();
  #ended;
  request;
  closeCode = 0;

  constructor(request, socket) {
    this.request = request;
    this.#socket = socket;
    this.#ended = new Promise((resolve) => socket.once('close', resolve));
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (bytes) => this.#read(bytes));
  }

  /** The next command that is no ping. */
  async read() {
    let frame = await this.readAny();
    while (frame.ping) {
      frame = await this.readAny();
    }
    return frame;
  }

  /** The next command. */
  readAny() {
    return this.#frames.take('a command');
  }

  /** Whether something was said that nobody has read. */
  get hasUnread() {
    return this.#frames.size > 0;
  }

  /** The next command, which must be of this kind. */
  async expect(kind) {
    const frame = await this.read();
    if (!frame[kind]) {
      throw new Error(`expected ${kind}, not ${JSON.stringify(frame)}`);
    }
    return frame;
  }

  /** The next command of this kind; acknowledgements before it do not matter. */
  async expectBesidesAcks(kind) {
    let frame = await this.read();
    while (frame.ack && kind !== 'ack') {
      frame = await this.read();
    }
    if (!frame[kind]) {
      throw new Error(`expected ${kind}, not ${JSON.stringify(frame)}`);
    }
    return frame;
  }

  /** Resolves when the connection has ended. */
  ended() {
    return soon(this.#ended, 'the end of the connection');
  }

  send(frame) {
    this.sendText(JSON.stringify(frame));
  }

  sendText(text) {
    this.#write(1, Buffer.from(text));
  }

  sendBinary(bytes) {
    this.#write(2, Buffer.from(bytes));
  }

  /** Reads `hello` and recognises whatever it resumes. */
  async welcome() {
    const hello = await this.expect('hello');
    const resumed = hello.hello.resume.map((p) => resumedAt(p.topic, p.epoch, p.seq + 1, true));
    if (!hello.hello.resume.some((p) => p.topic.user_id)) {
      resumed.push(resumedAt({ user_id: USER }, EPOCH, 1, true));
    }
    this.welcomeWith(hello, resumed);
    return hello;
  }

  welcomeWith(hello, resumed, more = {}) {
    const welcome = { user_id: USER, username: 'bob', heartbeat_ms: 30_000, max_frame_bytes: 131_072, resumed, ...more };
    this.send({ request_id: hello.request_id, welcome });
  }

  /** Answers the next command but for acknowledgements, a join, with a start at `nextSeq`. */
  async join(nextSeq) {
    const join = await this.expectBesidesAcks('join');
    const resumed = resumedAt({ room_id: join.join.room_id }, EPOCH, nextSeq, true);
    this.send({ request_id: join.request_id, joined: { resumed, member_count: 1 } });
    return join;
  }

  deliver(topic, seq, messageId, text) {
    const delivery = { message_id: messageId, topic, seq, from_user_id: 9, from_user_name: 'alice', text };
    this.send({ delivery });
  }

  gap(topic, fromSeq, toSeq, epoch) {
    this.send({ gap: { topic, from_seq: fromSeq, to_seq: toSeq, epoch } });
  }

  published(publish, seq, duplicate = false) {
    this.send({ request_id: publish.request_id, published: { message_id: 100 + seq, seq, duplicate } });
  }

  done(command) {
    this.send({ request_id: command.request_id, done: {} });
  }

  error(to, code, retryAfterMs = 0, fatal = false) {
    const error = { code, message: 'said the script', retry_after_ms: retryAfterMs, fatal };
    this.send({ request_id: to.request_id, error });
  }

  goAway(reason, reconnectAfterMs = 0, final = false) {
    this.send({ go_away: { reason, reconnect_after_ms: reconnectAfterMs, final } });
  }

  /** Closes as the protocol of WebSockets has it. */
  close(code, reason = '') {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    this.#write(8, payload);
    this.#socket.end();
  }

  /** Breaks the connection without a goodbye. */
  cut() {
    this.#socket.destroy();
  }

  /** Reads nothing more, and so gives back the pressure of a slow server. */
  pause() {
    this.#socket.pause();
  }

  #write(opcode, payload) {
    const header = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
    header[0] = 0x80 | opcode;
    if (header.length === 2) {
      header[1] = payload.length;
    } else if (header.length === 4) {
      header[1] = 126;
      header.writeUInt16BE(payload.length, 2);
    } else {
      header[1] = 127;
      header.writeBigUInt64BE(BigInt(payload.length), 2);
    }
    this.#socket.write(Buffer.concat([header, payload]));
  }

  /** Clients send whole, masked messages here; the lengths are what differs. */
  #read(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const b = this.#bytes;
      if (b.length < 2) {
        return;
      }
      const short = b[1] & 127;
      const at = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (b.length < at + 4) {
        return;
      }
      const length = short < 126 ? short : short === 126 ? b.readUInt16BE(2) : Number(b.readBigUInt64BE(2));
      if (b.length < at + 4 + length) {
        return;
      }
      const payload = Buffer.from(b.subarray(at + 4, at + 4 + length));
      for (let i = 0; i < length; i++) {
        payload[i] ^= b[at + (i & 3)];
      }
      this.#bytes = b.subarray(at + 4 + length);
      this.#take(b[0] & 15, payload);
    }
  }

  #take(opcode, payload) {
    if (opcode === 1) {
      this.#frames.add(JSON.parse(payload.toString()));
    } else if (opcode === 8) {
      this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#write(8, payload);
      this.#socket.end();
    }
  }
}

/** Where a topic starts. */
export function resumedAt(topic, epoch, nextSeq, recovered) {
  return { topic, epoch, seq: nextSeq - 1, recovered, next_seq: nextSeq };
}

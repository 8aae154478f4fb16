import assert from 'node:assert/strict';

import { ChatClient, login, register, room } from '../src/gochat.js';
import { soon } from './scripted-server.js';

/** An account, a room and a message, on the server whose address is the argument; whatever fails ends it with a status. */

const server = process.argv[2];
await register(server, 'alice', 'secret');
const token = async () => (await login(server, 'alice', 'secret')).token;
const chat = new ChatClient({ server, token });
const heard = new Promise((resolve) => chat.on('message', resolve));

await chat.connect();
await chat.join(7);
const published = await chat.publish(room(7), 'hello');
const message = await soon(heard, 'the message');
await chat.close();

assert.equal(message.text, 'hello');
assert.equal(message.seq, published.seq);

import { ChatError } from './failure.js';

/**
 * The border to the wire: JSON messages with the names of the protocol outside, objects that were checked inside. What
 * does not have the announced type throws; members, events and words that are not known are ignored.
 */

/** The subprotocol of the WebSocket. */
export const SUBPROTOCOL = 'gochat.v1.json';

/** A server's message has at most 1 MiB as a frame; in JSON a text of control characters takes six times as much. */
const MAX_CHARS = 8 * 1024 * 1024;

/** What came is no message of the protocol. */
export class WireError extends Error {}

/**
 * A room, the inbox of a user, or (to publish only) the inbox of the user who has a name.
 *
 * @typedef {{readonly roomId: number} | {readonly userId: number} | {readonly userName: string}} Topic
 */

/**
 * "I have been handed everything up to and including seq." `epoch` 0 and `seq` 0: the beginning of what is kept.
 *
 * @typedef {{epoch: number, seq: number, messageId: number}} Position
 */

/**
 * @typedef {object} Message one message of a topic
 * @property {Topic} topic the room it was published to, or the inbox it arrived in
 * @property {number} epoch in which `seq` counts
 * @property {number} seq 1, 2, 3, … within topic and epoch
 * @property {number} messageId unique in the server's store, not ordered
 * @property {number} fromUserId the sender
 * @property {string} fromUserName the sender's name
 * @property {number} toUserId the recipient of a direct message, else 0
 * @property {string} toUserName the recipient's name, else empty
 * @property {string} text what was said
 * @property {number} createdAtMs Unix time, by the server's clock
 */

/** @typedef {{userId: number, username: string}} Member */

/**
 * @typedef {{topic: Topic | null, epoch: number, seq: number, recovered: boolean, nextSeq: number}} Resumed
 */

/**
 * @typedef {object} Frame what the server said
 * @property {number} requestId of the command that it answers; 0: of none
 * @property {string} event the member's name; empty: one that this client does not know
 * @property {any} body what it says, in this client's form
 */

/** @param {number} roomId @returns {Topic} */
export function room(roomId) {
  return Object.freeze({ roomId: checkedId(roomId, 'a room') });
}

/** @param {number} userId @returns {Topic} */
export function user(userId) {
  return Object.freeze({ userId: checkedId(userId, 'a user') });
}

/** The inbox of whoever has this name: for publishing. @param {string} userName @returns {Topic} */
export function named(userName) {
  if (typeof userName !== 'string' || userName === '') {
    throw new ChatError('INVALID_ARGUMENT', 'a name is not empty');
  }
  return Object.freeze({ userName });
}

/** A string that is equal for equal topics. @param {Topic} topic */
export function keyOf(topic) {
  if ('roomId' in topic) {
    return `room:${topic.roomId}`;
  }
  return 'userId' in topic ? `user:${topic.userId}` : `name:${topic.userName}`;
}

/** The topic of such a string; null: none. @param {string} key @returns {Topic | null} */
export function topicOf(key) {
  const [kind, id] = String(key).split(':');
  const number = Number(id);
  if (!Number.isSafeInteger(number) || number < 1) {
    return null;
  }
  return kind === 'room' ? room(number) : kind === 'user' ? user(number) : null;
}

/** @param {any} value @returns {value is Position} */
export function isPosition(value) {
  return (
    value !== null && typeof value === 'object' && [value.epoch, value.seq, value.messageId].every(isCount)
  );
}

/**
 * As the wire has it.
 *
 * @param {Topic} topic
 * @returns {{room_id: number} | {user_id: number}}
 */
export function wireTopic(topic) {
  return 'roomId' in topic ? { room_id: topic.roomId } : { user_id: /** @type {any} */ (topic).userId };
}

/** @param {Topic} topic @param {Position} from */
export function wirePosition(topic, from) {
  return { topic: wireTopic(topic), epoch: from.epoch, seq: from.seq, message_id: from.messageId };
}

/** How many bytes a text has in UTF-8. @param {string} text */
export function byteLength(text) {
  return new TextEncoder().encode(text).length;
}

/** @param {unknown} data what a WebSocket received @returns {Frame} */
export function parse(data) {
  if (typeof data !== 'string') {
    throw new WireError('a message that is not text');
  }
  if (data.length > MAX_CHARS) {
    throw new WireError(`a message of ${data.length} characters`);
  }
  let frame;
  try {
    frame = JSON.parse(data);
  } catch {
    throw new WireError('a message that is not JSON');
  }
  object(frame, 'a message');
  const requestId = count(frame.request_id, 'request_id');
  for (const event of Object.keys(READERS)) {
    if (Object.hasOwn(frame, event) && frame[event] !== null) {
      const body = READERS[event](object(frame[event], event));
      return { requestId, event, body };
    }
  }
  return { requestId, event: '', body: null };
}

/** What each event says. @type {Record<string, (body: any) => any>} */
const READERS = {
  delivery: message,
  published: (b) => ({
    messageId: count(b.message_id, 'message_id'),
    seq: count(b.seq, 'seq'),
    duplicate: flag(b.duplicate, 'duplicate'),
  }),
  presence: (b) => ({
    roomId: count(b.room_id, 'room_id'),
    count: count(b.count, 'count'),
    joined: list(b.joined, 'joined').map(member),
    left: list(b.left, 'left').map(member),
  }),
  pong: () => ({}),
  done: () => ({}),
  joined: (b) => ({
    resumed: resumed(object(b.resumed, 'resumed')),
    memberCount: count(b.member_count, 'member_count'),
  }),
  history: (b) => ({
    messages: list(b.messages, 'messages').map(message),
    firstSeq: count(b.first_seq, 'first_seq'),
    lastSeq: count(b.last_seq, 'last_seq'),
    epoch: count(b.epoch, 'epoch'),
  }),
  room_info: (b) => ({
    roomId: count(b.room_id, 'room_id'),
    count: count(b.count, 'count'),
    members: list(b.members, 'members').map(member),
  }),
  gap: (b) => ({
    topic: topic(b.topic),
    fromSeq: count(b.from_seq, 'from_seq'),
    toSeq: count(b.to_seq, 'to_seq'),
    epoch: count(b.epoch, 'epoch'),
  }),
  error: (b) => ({
    error: new ChatError(text(b.code, 'code'), text(b.message, 'message'), {
      retryAfterMs: count(b.retry_after_ms, 'retry_after_ms'),
    }),
    fatal: flag(b.fatal, 'fatal'),
  }),
  go_away: (b) => ({
    reason: text(b.reason, 'reason'),
    reconnectAfterMs: count(b.reconnect_after_ms, 'reconnect_after_ms'),
    final: flag(b.final, 'final'),
  }),
  welcome: (b) => ({
    userId: id(b.user_id, 'user_id'),
    username: text(b.username, 'username'),
    heartbeatMs: count(b.heartbeat_ms, 'heartbeat_ms'),
    maxFrameBytes: count(b.max_frame_bytes, 'max_frame_bytes'),
    resumed: list(b.resumed, 'resumed').map(resumed),
    node: text(b.node, 'node'),
  }),
};

/** @param {any} b @returns {Message} */
function message(b) {
  object(b, 'a message');
  return {
    topic: /** @type {any} */ (topic(b.topic)),
    epoch: 0,
    seq: count(b.seq, 'seq'),
    messageId: count(b.message_id, 'message_id'),
    fromUserId: count(b.from_user_id, 'from_user_id'),
    fromUserName: text(b.from_user_name, 'from_user_name'),
    toUserId: count(b.to_user_id, 'to_user_id'),
    toUserName: text(b.to_user_name, 'to_user_name'),
    text: text(b.text, 'text'),
    createdAtMs: count(b.created_at_ms, 'created_at_ms'),
  };
}

/** @param {any} b @returns {Resumed} */
function resumed(b) {
  object(b, 'resumed');
  return {
    topic: topic(b.topic),
    epoch: count(b.epoch, 'epoch'),
    seq: count(b.seq, 'seq'),
    recovered: flag(b.recovered, 'recovered'),
    nextSeq: count(b.next_seq, 'next_seq'),
  };
}

/** @param {any} b @returns {Member} */
function member(b) {
  object(b, 'a member');
  return { userId: count(b.user_id, 'user_id'), username: text(b.username, 'username') };
}

/** @param {any} b @returns {Topic | null} null: of a kind that is not known here */
function topic(b) {
  if (b === undefined || b === null) {
    return null;
  }
  object(b, 'topic');
  const roomId = count(b.room_id, 'room_id');
  const userId = count(b.user_id, 'user_id');
  return roomId > 0 ? room(roomId) : userId > 0 ? user(userId) : null;
}

/** @param {any} value @param {string} name */
function object(value, name) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new WireError(`${name} is not an object`);
  }
  return value;
}

/** @param {any} value @param {string} name @returns {any[]} */
function list(value, name) {
  if (value === undefined || value === null) {
    return [];
  }
  if (!Array.isArray(value)) {
    throw new WireError(`${name} is not a list`);
  }
  return value;
}

/** @param {any} value @param {string} name @returns {number} */
function count(value, name) {
  if (value === undefined || value === null) {
    return 0;
  }
  if (!isCount(value)) {
    throw new WireError(`${name} is not a number of 0 … 2^53-1`);
  }
  return value;
}

/** @param {any} value @param {string} name @returns {number} */
function id(value, name) {
  if (count(value, name) < 1) {
    throw new WireError(`${name} is missing`);
  }
  return value;
}

/** @param {any} value @param {string} name @returns {string} */
function text(value, name) {
  if (value === undefined || value === null) {
    return '';
  }
  if (typeof value !== 'string') {
    throw new WireError(`${name} is not a text`);
  }
  return value;
}

/** @param {any} value @param {string} name @returns {boolean} */
function flag(value, name) {
  if (value === undefined || value === null) {
    return false;
  }
  if (typeof value !== 'boolean') {
    throw new WireError(`${name} is neither true nor false`);
  }
  return value;
}

/** @param {any} value */
function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

/** @param {number} id @param {string} what */
function checkedId(id, what) {
  if (!Number.isSafeInteger(id) || id < 1) {
    throw new ChatError('INVALID_ARGUMENT', `${what} is a number of 1 … 2^53-1, not ${id}`);
  }
  return id;
}

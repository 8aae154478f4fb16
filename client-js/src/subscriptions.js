import { TopicCursor, Verdict } from './cursor.js';
import { keyOf, room as roomTopic, user as userTopic, wirePosition } from './wire.js';

/** "From the beginning of what is kept." */
export const BEGINNING = Object.freeze({ epoch: 0, seq: 0, messageId: 0 });

/** One topic that is delivered to us. */
export class Subscription {
  topic;
  cursor;
  /** Whether deliveries on the present connection are ours: not before the server has said where they start. */
  isLive = false;
  /** Whether the server has joined us once, so that a reconnect rejoins within `Hello`. */
  isAnswered = false;
  /** Nothing of it may reach the application any more. */
  isLeft = false;
  #fromBeginning;
  #holeSeenAt = '';

  /**
   * Starts after `from`; null: where the server says.
   *
   * @param {import('./wire.js').Topic} topic
   * @param {import('./wire.js').Position | null} from
   */
  constructor(topic, from) {
    this.topic = topic;
    this.#fromBeginning = from !== null && from.epoch === 0;
    this.cursor = new TopicCursor(topic, from);
  }

  /** The position store has been read. Only before the server was asked. @param {import('./wire.js').Position} from */
  startFrom(from) {
    this.#fromBeginning = from.epoch === 0;
    this.cursor = new TopicCursor(this.topic, from);
  }

  /** What to resume from; null: from now on, or for an inbox from what was acknowledged. */
  get resumeFrom() {
    return this.cursor.position ?? (this.#fromBeginning ? BEGINNING : null);
  }

  /** @param {import('./wire.js').Resumed} start @returns {boolean} whether the epoch got another name */
  startsAt(start) {
    this.isLive = true;
    this.isAnswered = true;
    return this.cursor.startsAt(start);
  }

  /** Whether this hole was there the last time too, so that resuming does not fill it. */
  isHoleSeenAgain() {
    const here = JSON.stringify(this.cursor.position);
    const again = here === this.#holeSeenAt;
    this.#holeSeenAt = here;
    return again;
  }
}

/**
 * What is handed to the listeners, or (`renamed`) moves positions in its place among it.
 *
 * @typedef {{kind: 'message' | 'gap' | 'presence' | 'renamed' | 'state', value: any, subscription: Subscription | null}}
 *   Delivery
 */

/** The inbox and the rooms that are delivered to us: what to resume when we connect, and what of the arriving is new. */
export class Subscriptions {
  #positions;
  #out;
  #broken;
  /** @type {Map<number, Subscription>} */
  #rooms = new Map();
  /** @type {Subscription | null} */
  #inbox = null;

  /**
   * @param {import('./positions.js').Positions} positions
   * @param {(delivery: Delivery) => void} out takes what is new
   * @param {(why: string) => void} broken only a resume can fill a hole: must end the connection
   */
  constructor(positions, out, broken) {
    this.#positions = positions;
    this.#out = out;
    this.#broken = broken;
  }

  /**
   * Takes up the positions of an earlier client. The application may have joined rooms while the store was still being
   * read: nothing was sent yet, and they too go on where that one stopped.
   */
  loaded() {
    for (const room of this.#rooms.values()) {
      const stored = this.#positions.of(room.topic);
      if (room.resumeFrom === null && stored !== null) {
        room.startFrom(stored);
      }
    }
    const inbox = this.#positions.storedInbox();
    if (inbox !== null) {
      this.#inbox = new Subscription(inbox, this.#positions.of(inbox));
    }
  }

  /** Whether an inbox is resumed of which no server has said that it is ours; it is given up. */
  forgetUnconfirmedInbox() {
    const stale = this.#inbox !== null && !this.#inbox.isAnswered ? this.#inbox : null;
    if (stale !== null) {
      this.#positions.forget(stale.topic);
      this.#inbox = null;
    }
    return stale !== null;
  }

  /**
   * A room to join: from `from`; without it from where we are, else from where an earlier client was, else from now on.
   *
   * @param {number} roomId
   * @param {import('./wire.js').Position | null} from
   */
  join(roomId, from) {
    const before = this.#rooms.get(roomId);
    if (before !== undefined && from === null) {
      return before;
    }
    if (before !== undefined) {
      before.isLeft = true;
    }
    const topic = roomTopic(roomId);
    const room = new Subscription(topic, from ?? this.#positions.of(topic));
    this.#rooms.set(roomId, room);
    return room;
  }

  /** Nothing of the room is handed over any more. @param {number} roomId */
  leave(roomId) {
    const room = this.#rooms.get(roomId);
    if (room !== undefined) {
      room.isLeft = true;
      this.#rooms.delete(roomId);
    }
    this.#positions.forget(roomTopic(roomId));
  }

  /** A join that failed: as if it had not been asked for. @param {Subscription} room */
  drop(room) {
    if (this.isCurrent(room)) {
      room.isLeft = true;
      this.#rooms.delete(/** @type {any} */ (room.topic).roomId);
    }
  }

  /** Whether `room` is still what we want. @param {Subscription} room */
  isCurrent(room) {
    return this.#rooms.get(/** @type {any} */ (room.topic).roomId) === room;
  }

  /** What to resume in `Hello`, as much as fits into `maxChars`. @param {number} maxChars */
  resume(maxChars) {
    const wanted = [...this.#rooms.values()].filter((room) => room.isAnswered);
    if (this.#inbox !== null) {
      wanted.unshift(this.#inbox);
    }
    const resume = [];
    let chars = 0;
    for (const subscription of wanted) {
      const from = subscription.resumeFrom;
      if (from !== null) {
        const position = wirePosition(subscription.topic, from);
        chars += JSON.stringify(position).length + 1;
        if (chars <= maxChars) {
          resume.push(position);
        }
      }
    }
    return resume;
  }

  /**
   * The server said where everything starts.
   *
   * @param {number} userId
   * @param {import('./wire.js').Resumed[]} resumed
   * @returns {Subscription[]} the rooms that it has not resumed and that must be joined
   */
  welcomed(userId, resumed) {
    const own = userTopic(userId);
    if (this.#inbox === null || keyOf(this.#inbox.topic) !== keyOf(own)) {
      this.#inbox = new Subscription(own, this.#positions.of(own));
    }
    const started = new Set();
    for (const start of resumed) {
      const subscription = this.#find(start.topic);
      if (subscription !== null) {
        this.startsAt(subscription, start);
        started.add(subscription);
      }
    }
    return [...this.#rooms.values()].filter((r) => r.isAnswered && !started.has(r));
  }

  /**
   * The server said where a topic starts.
   *
   * @param {Subscription} subscription
   * @param {import('./wire.js').Resumed} start
   */
  startsAt(subscription, start) {
    if (subscription.startsAt(start)) {
      this.#renamed(subscription);
    }
  }

  /** The connection is gone: nothing is ours before the server has said where it starts again. */
  linkDown() {
    for (const subscription of this.#rooms.values()) {
      subscription.isLive = false;
    }
    if (this.#inbox !== null) {
      this.#inbox.isLive = false;
    }
  }

  /** A message arrived. @param {import('./wire.js').Message} message */
  delivered(message) {
    const subscription = this.#findLive(message.topic);
    if (subscription === null) {
      return;
    }
    switch (subscription.cursor.judge(message.seq, message.messageId)) {
      case Verdict.NEXT:
        this.#handOver(subscription, message);
        break;
      case Verdict.RESTARTED:
        this.#handOverAfterGap(subscription, message);
        break;
      case Verdict.HOLE:
        // The log has it: resume from before the hole. If it is still there then, it is as good as a gap.
        if (subscription.isHoleSeenAgain()) {
          this.#handOverAfterGap(subscription, message);
        } else {
          this.#broken(`a hole in ${keyOf(subscription.topic)} before ${message.seq}`);
        }
        break;
      default: // a duplicate
    }
  }

  /** The server said that something is lost. @param {{topic: any, fromSeq: number, toSeq: number, epoch: number}} lost */
  lost(lost) {
    const subscription = this.#findLive(lost.topic);
    if (subscription === null) {
      return;
    }
    const gap = subscription.cursor.lost(lost);
    if (gap !== null) {
      this.#out({ kind: 'gap', value: gap, subscription });
    } else if (lost.fromSeq === lost.toSeq + 1) {
      this.#renamed(subscription);
    }
  }

  /** Somebody came or went. @param {any} presence */
  presence(presence) {
    const subscription = this.#rooms.get(presence.roomId);
    if (subscription?.isLive) {
      this.#out({ kind: 'presence', value: presence, subscription });
    }
  }

  /** @param {Subscription} subscription @param {import('./wire.js').Message} message */
  #handOverAfterGap(subscription, message) {
    const gap = subscription.cursor.skipTo(message.seq);
    this.#out({ kind: 'gap', value: gap, subscription });
    subscription.cursor.judge(message.seq, message.messageId);
    this.#handOver(subscription, message);
  }

  /** @param {Subscription} subscription @param {import('./wire.js').Message} message */
  #handOver(subscription, message) {
    const value = { ...message, topic: subscription.topic, epoch: subscription.cursor.epoch };
    this.#out({ kind: 'message', value, subscription });
  }

  /** @param {Subscription} subscription */
  #renamed(subscription) {
    this.#out({ kind: 'renamed', value: subscription.cursor.epoch, subscription });
  }

  /** @param {import('./wire.js').Topic | null} topic */
  #findLive(topic) {
    const subscription = this.#find(topic);
    return subscription?.isLive ? subscription : null;
  }

  /** @param {import('./wire.js').Topic | null} topic */
  #find(topic) {
    if (topic === null) {
      return null;
    }
    if ('roomId' in topic) {
      return this.#rooms.get(topic.roomId) ?? null;
    }
    return this.#inbox !== null && keyOf(this.#inbox.topic) === keyOf(topic) ? this.#inbox : null;
  }
}

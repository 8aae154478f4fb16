import { Acks } from './acks.js';
import { ChatError } from './failure.js';
import { PendingPublishes } from './pending-publishes.js';
import { Requests } from './requests.js';
import { Subscriptions } from './subscriptions.js';
import { user, wirePosition, wireTopic } from './wire.js';

/** What `Hello` may spend on positions: the server takes 128 KB at least. */
const RESUME_MAX_CHARS = 120_000;

/** A passing refusal without a suggested delay is tried again after this. */
const DEFAULT_RETRY_MS = 500;

/** How soon a socket that was full is looked at again: it does not say when there is room. */
const FULL_SOCKET_MS = 50;

/**
 * What is being said, whichever connection it is said on: publishes, requests, acknowledgements and subscriptions
 * outlive a {@link import('./link.js').Link} and go on with the next.
 */
export class Conversation {
  #options;
  #environment;
  #positions;
  #left;
  #publishes;
  #requests = new Requests();
  #acks = new Acks();
  /** @type {import('./link.js').Link | null} */
  #link = null;
  /** @type {import('./wire.js').Topic | null} */
  #inbox = null;
  #isGoingAway = false;
  #isPumping = false;
  #lastRequestId = 0;
  #wakeUpAtMs = Infinity;
  /** @type {any} */
  #timer = null;
  /** @type {ChatError | null} */
  #closed = null;
  /** The inbox and the rooms. */
  subscriptions;

  /**
   * @param {import('./client.js').Options} options
   * @param {import('./positions.js').Positions} positions
   * @param {{deliver: (delivery: any) => void, broken: (why: string) => void, left: () => void}} events `left`: a
   *   publish or a request is done with
   */
  constructor(options, positions, events) {
    this.#options = options;
    this.#environment = options.environment;
    this.#positions = positions;
    this.#left = events.left;
    this.#publishes = new PendingPublishes(options.publishesInFlightPerTopic);
    this.subscriptions = new Subscriptions(positions, events.deliver, events.broken);
  }

  /** Takes a publish and sends it when it can be sent. @param {import('./pending-publishes.js').PendingPublish} publish */
  publish(publish) {
    if (this.#closed !== null) {
      this.#fail(publish, this.#closed);
      return;
    }
    this.#publishes.add(publish);
    this.pump();
  }

  /** Takes a request and sends it when it can be sent. @param {import('./requests.js').Request} request */
  request(request) {
    if (this.#closed !== null) {
      request.failed(this.#closed);
      return;
    }
    this.#requests.add(request);
    if (this.#link === null) {
      this.#requests.linkDown(); // completes a leave: without a connection there is no room to leave
    }
    this.pump();
  }

  /** The first command of a connection. @param {string} token */
  hello(token) {
    const { deviceId, clientName } = this.#options;
    const resume = this.subscriptions.resume(RESUME_MAX_CHARS);
    return {
      request_id: ++this.#lastRequestId,
      hello: { token, device_id: deviceId, client: clientName, resume },
    };
  }

  /**
   * A connection is up: everything owed goes out on it, in its order.
   *
   * @param {import('./link.js').Link} link
   * @param {any} welcome
   */
  linkUp(link, welcome) {
    this.#link = link;
    this.#isGoingAway = false;
    this.#inbox = user(welcome.userId);
    for (const room of this.subscriptions.welcomed(welcome.userId, welcome.resumed)) {
      this.#requests.add(this.joinRequest(room, { kind: 'REJOIN' }));
    }
    this.pump();
  }

  /** The connection is gone. */
  linkDown() {
    this.#link = null;
    this.#publishes.linkDown();
    this.#requests.linkDown();
    this.#acks.linkDown();
    this.subscriptions.linkDown();
    this.#arm(this.#environment.nowMs());
  }

  /** No new commands on this connection. */
  linkGoingAway() {
    this.#isGoingAway = true;
  }

  /** Whether nothing is unanswered that the server may still answer. */
  get isQuiet() {
    return !this.#publishes.isInFlight && !this.#requests.isInFlight;
  }

  /**
   * Starts the delivery of a room; without `answered` nobody waits for it.
   *
   * @param {import('./subscriptions.js').Subscription} room
   * @param {{kind: 'PLAIN' | 'REJOIN', answered?: (joined: any) => void, failed?: (error: ChatError) => void,
   *   deadlineMs?: number}} how
   * @returns {import('./requests.js').Request}
   */
  joinRequest(room, { kind, answered = () => {}, failed = () => {}, deadlineMs = Infinity }) {
    const roomId = /** @type {any} */ (room.topic).roomId;
    return {
      kind,
      expects: 'joined',
      deadlineMs,
      isObsolete: () => !this.subscriptions.isCurrent(room),
      command: () => {
        room.isLive = false; // what the server sends until it has answered belongs to the earlier start
        const from = room.resumeFrom;
        return { join: { room_id: roomId, ...(from && { from: wirePosition(room.topic, from) }) } };
      },
      answered: ({ resumed, memberCount }) => {
        if (this.subscriptions.isCurrent(room)) {
          this.subscriptions.startsAt(room, resumed);
        }
        const { nextSeq, recovered } = resumed;
        answered({ roomId, memberCount, nextSeq, recovered });
      },
      failed: (error) => {
        if (!room.isAnswered) {
          this.subscriptions.drop(room);
        }
        failed(error);
      },
    };
  }

  /** Sends what may be sent, fails what has expired, and sees to it that this happens again in time. */
  pump() {
    if (this.#isPumping) {
      return; // a socket, or somebody who was told, calls back
    }
    const now = this.#environment.nowMs();
    this.#isPumping = true;
    try {
      this.#pump(now);
    } finally {
      this.#isPumping = false;
    }
    this.#arm(now);
  }

  /** @param {number} now */
  #pump(now) {
    this.#publishes.expire(now).forEach((publish) => this.#expired(publish));
    this.#requests.expire(now);
    const link = this.#link;
    if (link === null || this.#isGoingAway) {
      return;
    }
    this.#reached();
    this.#requests.pump(now, (request) => this.#send(link, request.command()));
    const tooLarge = this.#publishes.pump(now, (p) => this.#sendPublish(link, p), () => link.isWritable);
    for (const publish of tooLarge) {
      this.#fail(publish, new ChatError('INVALID_ARGUMENT', 'larger than a message may be'));
    }
    this.#acks.pump(now, (position) => this.#sendAck(link, position));
  }

  /** Sends the last acknowledgement before the connection is closed. */
  flushAcks() {
    const link = this.#link;
    if (link !== null && !this.#isGoingAway) {
      this.#reached();
      this.#acks.flush(this.#environment.nowMs(), (position) => this.#sendAck(link, position));
    }
  }

  /** Takes a message from the present connection. @param {import('./wire.js').Frame} frame */
  received(frame) {
    switch (frame.event) {
      case 'delivery':
        this.subscriptions.delivered(frame.body);
        break;
      case 'gap':
        this.subscriptions.lost(frame.body);
        break;
      case 'presence':
        this.subscriptions.presence(frame.body);
        break;
      case 'published':
        this.#published(frame);
        break;
      case 'error':
        this.#failed(frame.requestId, frame.body.error);
        break;
      default:
        if (!this.#acks.answered(frame.requestId)) {
          this.#requests.answered(frame);
        }
    }
    this.pump();
  }

  /** Nothing will be answered any more. @param {ChatError} reason */
  close(reason) {
    this.#closed = reason;
    this.#environment.clearTimeout(this.#timer);
    this.#publishes.clear().forEach((publish) => this.#fail(publish, reason));
    this.#requests.clear(reason);
  }

  /** @param {import('./wire.js').Frame} frame */
  #published(frame) {
    const publish = this.#publishes.answered(frame.requestId);
    if (publish !== null) {
      this.#left();
      publish.resolve(frame.body);
    }
  }

  /** @param {number} requestId @param {ChatError} error */
  #failed(requestId, error) {
    const now = this.#environment.nowMs();
    const untilMs = now + this.#retryDelayMs(error.retryAfterMs);
    if (this.#publishes.has(requestId)) {
      if (isWorthRetrying(error)) {
        this.#publishes.refused(requestId, untilMs);
      } else {
        this.#fail(/** @type {any} */ (this.#publishes.answered(requestId)), error);
      }
    } else if (!this.#acks.failed(requestId, error, now)) {
      this.#requests.failed(requestId, error, untilMs);
    }
  }

  /** @param {number} suggestedMs */
  #retryDelayMs(suggestedMs) {
    const delayMs = suggestedMs > 0 ? suggestedMs : DEFAULT_RETRY_MS;
    return delayMs * (1 + this.#environment.random() / 4); // the server may have told the same to thousands
  }

  #reached() {
    const position = this.#inbox === null ? null : this.#positions.of(this.#inbox);
    if (position !== null) {
      this.#acks.reached(position);
    }
  }

  /** @param {import('./link.js').Link} link @param {import('./pending-publishes.js').PendingPublish} publish */
  #sendPublish(link, { topic, text, clientMessageId }) {
    const to = 'userName' in topic ? { to_user_name: topic.userName } : { topic: wireTopic(topic) };
    return this.#send(link, { publish: { ...to, text, client_message_id: clientMessageId } });
  }

  /** @param {import('./link.js').Link} link @param {import('./wire.js').Position} position */
  #sendAck(link, { seq, epoch }) {
    return this.#send(link, { ack: { topic: wireTopic(/** @type {any} */ (this.#inbox)), seq, epoch } });
  }

  /** @param {import('./link.js').Link} link @param {object} command @returns {number} 0: too large */
  #send(link, command) {
    const requestId = ++this.#lastRequestId;
    return link.send({ request_id: requestId, ...command }) ? requestId : 0;
  }

  /** @param {import('./pending-publishes.js').PendingPublish} publish */
  #expired(publish) {
    const detail = publish.wasSent
      ? 'no answer in time; it may have been stored, retry with the same client_message_id'
      : 'could not be sent in time';
    this.#fail(publish, new ChatError('EXPIRED', detail));
  }

  /** @param {import('./pending-publishes.js').PendingPublish} publish @param {ChatError} error */
  #fail(publish, error) {
    this.#left();
    publish.reject(error);
  }

  /**
   * One timer, set to the earliest thing to do; a later one is found when it fires.
   *
   * @param {number} now by which everything was looked at: what has become due since then would be nobody's
   */
  #arm(now) {
    const link = this.#isGoingAway ? null : this.#link;
    let next = Math.min(this.#publishes.nextWakeUpMs(now), this.#requests.nextWakeUpMs(now));
    if (link !== null) {
      next = Math.min(next, this.#acks.nextWakeUpMs(), link.isWritable ? Infinity : now + FULL_SOCKET_MS);
    }
    if (next < this.#wakeUpAtMs && this.#closed === null) {
      this.#environment.clearTimeout(this.#timer);
      this.#wakeUpAtMs = Math.max(next, now + 1);
      this.#timer = this.#environment.setTimeout(() => {
        this.#wakeUpAtMs = Infinity;
        this.pump();
      }, this.#wakeUpAtMs - now);
    }
  }
}

/** @param {ChatError} error */
function isWorthRetrying(error) {
  switch (error.failure) {
    case 'OVERLOADED':
    case 'STORE_UNAVAILABLE':
      return true;
    case 'TOO_MANY': // a rate that says when it is over; a plain limit would not go away by itself
      return error.retryAfterMs > 0;
    default:
      return false;
  }
}

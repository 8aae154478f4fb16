import { ChatClient, named, post, room } from './client/gochat.js';
import { ChatView } from './chat-view.js';
import { Conversation, itemOf, itemOfHistory } from './conversation.js';
import { h } from './dom.js';
import { Sidebar } from './sidebar.js';
import { Memory } from './storage.js';
import { texts } from './texts.js';

/** What is loaded at first, and with each scroll to the top. */
const PAGE = 100;

/** So long a message is tried, whatever happens to the connection, before a person is asked. */
const TRY_MS = 120_000;

/** A person who is signed in, and their chats. */
export class Chat {
  #session;
  #signedOut;
  #memory;
  #client;
  #sidebar;
  #view;
  /** @type {Map<string, Conversation>} newest last */
  #chats = new Map();
  /** @type {Conversation | null} */
  #open = null;
  /** Where the inbox was read to, backwards. */
  #inbox = { firstSeq: 0, fromSeq: 0, isLoading: false };
  #isDrawDue = false;
  #retryAtMs = 0;
  #bannerTimer = 0;
  #saidAtMs = 0;
  #abort = new AbortController();

  /**
   * @param {import('./storage.js').Session} session
   * @param {import('./client/gochat.js').Tab} tab
   * @param {(why: string) => void} signedOut
   */
  constructor(session, tab, signedOut) {
    this.#session = session;
    this.#signedOut = signedOut;
    this.#memory = new Memory(session.userId);
    this.#sidebar = new Sidebar(session.username, {
      join: (roomId) => this.#go(String(roomId)),
      write: (name) => this.#go(`@${name}`),
      open: (key) => this.#go(key),
      signOut: () => this.#signOut(),
    });
    this.#view = new ChatView(session.userId, {
      send: (text) => this.#send(text),
      back: () => this.#go(''),
      leave: () => this.#leave(),
      older: () => this.#older(),
      write: (name) => this.#go(`@${name}`),
      retry: (item) => this.#retry(item),
      discard: (item) => this.#discard(item),
      seen: () => this.#read(),
    });
    this.element = h('div', { class: 'chat-page' }, h('main', {}, h('h1', { class: 'unseen' }, 'GoChat'), this.#sidebar.element, this.#view.main), this.#view.people);
    this.#client = new ChatClient({
      token: session.token,
      deviceId: tab.deviceId,
      positionStore: inboxOnly(tab.positionStore(String(session.userId))),
      clientName: 'gochat-page',
      publishExpiryMs: TRY_MS,
      warn: () => {},
    });
    this.#client.on('message', (m) => this.#received(m));
    this.#client.on('gap', (gap) => this.#lost(gap));
    this.#client.on('presence', (p) => this.#presence(p));
    this.#client.on('state', (s) => this.#state(s));
  }

  start() {
    const { signal } = this.#abort;
    addEventListener('hashchange', () => this.#route(), { signal });
    addEventListener('pagehide', () => this.#remember(), { signal });
    document.addEventListener('visibilitychange', () => this.#read(), { signal });
    this.#client.connect().catch(() => {});
    for (const key of this.#memory.chats.toReversed()) {
      this.#conversation(key);
    }
    this.#sendAgain();
    this.#loadInbox();
    this.#route();
    this.#draw();
  }

  /** Nothing of it is left. */
  async stop() {
    this.#abort.abort();
    clearInterval(this.#bannerTimer);
    await this.#client.close();
  }

  // ---- which chat is open

  /** @param {string} key empty: none */
  #go(key) {
    const hash = key === '' ? '#/' : `#/${encodeURIComponent(key)}`;
    if (location.hash === hash) {
      this.#route();
    } else {
      location.hash = hash;
    }
  }

  #route() {
    let key = '';
    try {
      key = decodeURIComponent(location.hash.slice(2));
    } catch {
      // not one of ours
    }
    const isKey = /^([1-9][0-9]{0,15}|@.+)$/su.test(key) && (key.startsWith('@') || Number.isSafeInteger(Number(key)));
    const chat = isKey ? this.#conversation(key) : null;
    if (chat !== this.#open) {
      this.#open = chat;
      this.#view.open(chat);
      this.element.classList.toggle('is-open', chat !== null);
      if (chat !== null) {
        this.#view.focus();
      }
    }
    this.#read();
    this.#draw();
  }

  /** The chat of a key; one that is new is joined, loaded and remembered. @param {string} key */
  #conversation(key) {
    const known = this.#chats.get(key);
    if (known !== undefined) {
      return known;
    }
    const chat = new Conversation(key);
    const readUpTo = this.#memory.readUpTo(key);
    chat.readUpTo = readUpTo ?? chat.readUpTo;
    chat.isReadKnown = readUpTo !== null;
    this.#chats.set(key, chat);
    if (chat.roomId > 0) {
      this.#join(chat);
    } else {
      chat.isLoaded = true;
      const mine = { kind: 'message', epoch: 0, seq: 0, fromUserId: this.#session.userId, fromUserName: this.#session.username, state: 'sent' };
      chat.add(this.#memory.sentTo(key).map((m) => ({ ...mine, ...m, seq: 0 })), this.#session.userId);
    }
    this.#remember();
    return chat;
  }

  #leave() {
    const chat = this.#open;
    if (chat === null) {
      return;
    }
    this.#chats.delete(chat.key);
    this.#memory.setReadUpTo(chat.key, null);
    if (chat.roomId > 0) {
      this.#client.leave(chat.roomId).catch(() => {});
    }
    this.#remember();
    this.#go('');
  }

  // ---- rooms

  /** @param {Conversation} chat */
  async #join(chat) {
    chat.isLoading = true;
    try {
      const { nextSeq, memberCount } = await this.#client.join(chat.roomId);
      chat.peopleChanged(memberCount);
      await this.#load(chat, nextSeq - 1);
      this.#loadPeople(chat);
    } catch (error) {
      if (this.#client.state.phase !== 'CLOSED' && this.#chats.get(chat.key) === chat) {
        setTimeout(() => this.#join(chat), 2_000);
      }
    }
  }

  /** The last page up to `lastSeq`. @param {Conversation} chat @param {number} lastSeq */
  async #load(chat, lastSeq) {
    chat.isLoading = true;
    const known = chat.readUpTo;
    const page = await this.#history(chat, Math.max(0, lastSeq - PAGE));
    const isSame = known.epoch === page.epoch;
    if (!isSame) {
      chat.readUpTo = { epoch: page.epoch, seq: known.epoch === 0 ? lastSeq : 0 };
    }
    chat.isLoaded = true;
    this.#loaded(chat, page);
    this.#count(chat, Math.max(0, lastSeq - chat.readUpTo.seq));
    if (this.#open === chat) {
      this.#view.open(chat);
      this.#read();
    }
  }

  /** @param {Conversation} chat @param {number} afterSeq */
  async #history(chat, afterSeq) {
    const { token } = this.#session;
    for (;;) {
      try {
        return await post('', 'push/history', { token, room_id: chat.roomId, after_seq: afterSeq, limit: PAGE });
      } catch (error) {
        if (!(/** @type {any} */ (error).retryable) || this.#client.state.phase === 'CLOSED') {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 1_000 + 1_000 * Math.random()));
      }
    }
  }

  /** @param {Conversation} chat @param {any} page */
  #loaded(chat, page) {
    chat.isLoading = false;
    const items = page.messages.map((/** @type {any} */ m) => itemOfHistory(m, page.epoch));
    const before = chat.items.length;
    chat.add(items, this.#session.userId);
    chat.firstSeq = page.first_seq;
    const oldest = chat.items.find((item) => item.kind === 'message');
    chat.isWhole = page.messages.length === 0 || oldest === undefined || oldest.seq <= page.first_seq;
    return chat.items.length - before;
  }

  /** Scrolled to the top. */
  async #older() {
    const chat = this.#open;
    if (chat === null || chat.isLoading) {
      return;
    }
    if (chat.roomId === 0) {
      await this.#olderInbox(chat);
      return;
    }
    const oldest = chat.items.find((item) => item.seq > 0);
    chat.isLoading = true;
    this.#view.timeline.changed();
    try {
      const page = await this.#history(chat, Math.max(0, (oldest?.seq ?? 1) - 1 - PAGE));
      const isSame = oldest === undefined || page.epoch === oldest.epoch;
      const added = this.#loaded(chat, isSame ? page : { ...page, messages: [] });
      if (this.#open === chat) {
        this.#view.timeline.changed(added);
      }
    } catch {
      chat.isLoading = false;
    }
  }

  /** @param {Conversation} chat */
  async #loadPeople(chat) {
    try {
      const info = await post('', 'push/getRoomInfo', { token: this.#session.token, room_id: chat.roomId });
      chat.members = new Map(Object.entries(info.user_info).map(([id, name]) => [Number(id), String(name)]));
      chat.peopleChanged(info.count);
      this.#draw();
    } catch {
      // the count is told with the next change
    }
  }

  /** @param {import('./client/gochat.js').Presence} presence */
  #presence({ roomId, count, joined, left }) {
    const chat = this.#chats.get(String(roomId));
    if (chat === undefined) {
      return;
    }
    left.forEach((member) => chat.members.delete(member.userId));
    joined.forEach((member) => chat.members.set(member.userId, member.username));
    chat.peopleChanged(count);
    if (joined.length + left.length === 0 || chat.members.size !== count) {
      this.#loadPeople(chat);
    }
    this.#draw();
  }

  // ---- direct messages

  /** The newest page of the inbox says with whom there are chats. */
  async #loadInbox() {
    try {
      const { token } = this.#session;
      const end = await post('', 'push/history', { token, inbox: true, after_seq: 0, limit: 1 });
      await this.#loadInboxAfter(Math.max(0, end.last_seq - PAGE));
    } catch {
      // what is not acknowledged is delivered anyway
    }
  }

  /** @param {number} afterSeq */
  async #loadInboxAfter(afterSeq) {
    const { token } = this.#session;
    const page = await post('', 'push/history', { token, inbox: true, after_seq: afterSeq, limit: PAGE });
    this.#inbox.firstSeq = page.first_seq;
    this.#inbox.fromSeq = Math.max(afterSeq + 1, page.first_seq);
    let added = 0;
    for (const message of page.messages) {
      const item = itemOfHistory(message, page.epoch);
      const chat = this.#conversation(`@${item.fromUserName}`);
      added += chat.add([item], this.#session.userId) && chat === this.#open ? 1 : 0;
      if (!chat.isReadKnown && item.seq > chat.readUpTo.seq) {
        chat.readUpTo = { epoch: item.epoch, seq: item.seq }; // seen on another device, unless it is delivered
      }
      chat.unread = chat.countUnread(this.#session.userId);
    }
    this.#read();
    const isWhole = this.#inbox.fromSeq <= page.first_seq;
    for (const chat of this.#chats.values()) {
      chat.isWhole ||= chat.roomId === 0 && isWhole;
    }
    this.#view.timeline.changed(added);
    this.#draw();
  }

  /** @param {Conversation} chat */
  async #olderInbox(chat) {
    if (this.#inbox.isLoading || this.#inbox.fromSeq <= 1) {
      chat.isWhole = this.#inbox.fromSeq <= Math.max(1, this.#inbox.firstSeq);
      return;
    }
    this.#inbox.isLoading = true;
    chat.isLoading = true;
    try {
      await this.#loadInboxAfter(Math.max(0, this.#inbox.fromSeq - 1 - PAGE));
    } catch {
      // the next scroll tries again
    }
    this.#inbox.isLoading = false;
    chat.isLoading = false;
  }

  // ---- what arrives

  /** @param {import('./client/gochat.js').Message} message */
  #received(message) {
    const { topic } = message;
    const isRoom = 'roomId' in topic;
    const chat = isRoom ? this.#chats.get(String(topic.roomId)) : this.#conversation(`@${message.fromUserName}`);
    if (chat === undefined) {
      return;
    }
    const isNew = chat.add([itemOf(message)], this.#session.userId);
    const isOthers = message.fromUserId !== this.#session.userId;
    if (!isRoom && isOthers) {
      this.#inboxUnread(chat, message);
    }
    if (!isNew) {
      return;
    }
    if (chat === this.#open) {
      this.#view.timeline.changed();
    }
    if (isRoom && isOthers && chat.isLoaded) {
      chat.unread++;
    }
    if (isOthers) {
      this.#announce(chat, message);
    }
    this.#toFront(chat);
    if (chat === this.#open && this.#view.timeline.isFollowing) {
      chat.trim();
    }
    this.#read();
  }

  /** What is delivered was not acknowledged, so nobody has read it. @param {Conversation} chat @param {import('./client/gochat.js').Message} message */
  #inboxUnread(chat, { epoch, seq }) {
    if (!chat.isReadKnown || chat.readUpTo.epoch !== epoch) {
      const before = chat.readUpTo.epoch === epoch ? chat.readUpTo.seq : seq;
      chat.readUpTo = { epoch, seq: Math.min(before, seq - 1) };
      chat.isReadKnown = true;
    }
    chat.unread = chat.countUnread(this.#session.userId);
  }

  /** @param {import('./client/gochat.js').Gap} gap */
  #lost({ topic, fromSeq, toSeq, epoch }) {
    const chats = 'roomId' in topic ? [this.#chats.get(String(topic.roomId))] : [...this.#chats.values()].filter((c) => c.roomId === 0);
    for (const chat of chats) {
      // An inbox is many chats: without a line of theirs it is not said to all of them.
      if (chat === undefined || (chat.roomId === 0 && chat !== this.#open)) {
        continue;
      }
      const missing = fromSeq > 0 ? toSeq - fromSeq + 1 : 0;
      const at = chat.last?.createdAtMs ?? Date.now();
      chat.add([{ kind: 'gap', epoch, seq: toSeq, messageId: 0, fromUserId: 0, fromUserName: '', text: '', createdAtMs: at, missing }], 0);
      if (chat === this.#open) {
        this.#view.timeline.changed();
      }
    }
  }

  /** @param {Conversation} chat @param {number} unread */
  #count(chat, unread) {
    chat.unread = unread;
    this.#draw();
  }

  /** What is in sight, in a page that is in sight, is read. */
  #read() {
    const chat = this.#open;
    if (chat === null || document.hidden || !this.#view.timeline.isFollowing || !chat.isLoaded) {
      this.#draw();
      return;
    }
    const last = chat.items.findLast((item) => item.seq > 0);
    if (last !== undefined && (last.seq !== chat.readUpTo.seq || last.epoch !== chat.readUpTo.epoch)) {
      chat.readUpTo = { epoch: last.epoch, seq: last.seq };
    }
    this.#count(chat, 0);
  }

  /** For those who listen: the last message, and not more than one in two seconds. */
  #announce(/** @type {Conversation} */ chat, /** @type {import('./client/gochat.js').Message} */ message) {
    const now = Date.now();
    if (chat === this.#open && now - this.#saidAtMs > 2_000) {
      this.#saidAtMs = now;
      announce(`${message.fromUserName}: ${message.text.slice(0, 300)}`);
    }
  }

  // ---- what is sent

  /** @param {string} text */
  #send(text) {
    const chat = this.#open;
    if (chat !== null) {
      const after = (chat.last?.createdAtMs ?? 0) + 1; // this clock may be behind the server's
      const item = {
        kind: /** @type {'message'} */ ('message'), epoch: 0, seq: 0, messageId: 0, text, createdAtMs: Math.max(Date.now(), after),
        fromUserId: this.#session.userId, fromUserName: this.#session.username,
        state: /** @type {'sending'} */ ('sending'), id: this.#client.nextMessageId(),
      };
      chat.addPending(item);
      this.#toFront(chat);
      this.#publish(chat, item);
    }
  }

  /** @param {Conversation} chat @param {import('./conversation.js').Item} item */
  async #publish(chat, item) {
    item.state = 'sending';
    this.#changed(chat);
    try {
      const to = chat.roomId > 0 ? room(chat.roomId) : named(chat.person);
      const published = await this.#client.publish(to, item.text, item.id);
      if (chat.roomId === 0) {
        this.#memory.addSentTo(chat.key, { messageId: published.messageId, text: item.text, createdAtMs: item.createdAtMs });
      }
      chat.published(item, published, this.#session.userId);
      this.#read();
    } catch (error) {
      const { failure } = /** @type {any} */ (error);
      if (failure !== 'CLOSED') {
        item.state = 'failed';
        item.reason = failure;
      }
    }
    this.#changed(chat);
  }

  /** @param {Conversation} chat */
  #changed(chat) {
    this.#rememberOutbox();
    if (chat === this.#open) {
      this.#view.timeline.changed();
    }
    this.#draw();
  }

  /** @param {import('./conversation.js').Item} item */
  #retry(item) {
    const chat = this.#open;
    if (chat !== null) {
      this.#publish(chat, item);
    }
  }

  /** @param {import('./conversation.js').Item} item */
  #discard(item) {
    const chat = this.#open;
    if (chat !== null) {
      chat.discard(item);
      this.#changed(chat);
    }
  }

  /** What this tab had not sent when it was loaded again, under the same ids. */
  #sendAgain() {
    for (const { key, ...item } of this.#memory.outbox) {
      const chat = this.#conversation(String(key));
      chat.addPending(item);
      if (item.state === 'failed') {
        this.#changed(chat);
      } else {
        this.#publish(chat, item);
      }
    }
  }

  #rememberOutbox() {
    this.#memory.outbox = [...this.#chats.values()].flatMap((chat) => chat.pending.map((item) => ({ ...item, key: chat.key })));
  }

  // ---- the connection

  /** @param {import('./client/gochat.js').ConnectionState} state */
  #state({ phase, retryInMs, reason }) {
    this.#sidebar.drawState(phase);
    clearInterval(this.#bannerTimer);
    if (phase === 'CLOSED') {
      this.#closed(reason);
      return;
    }
    if (phase === 'CONNECTED') {
      if (!this.#view.main.querySelector('.banner').hidden) {
        announce(texts.connected);
      }
      this.#view.drawBanner(null);
      for (const chat of this.#chats.values()) {
        if (chat.roomId > 0 && chat.isLoaded) {
          this.#loadPeople(chat);
        }
      }
    } else if (retryInMs > 0 || phase === 'RECOVERING') {
      this.#retryAtMs = Date.now() + retryInMs;
      this.#drawRetry();
      this.#bannerTimer = setInterval(() => this.#drawRetry(), 1_000);
    }
  }

  #drawRetry() {
    const seconds = Math.round((this.#retryAtMs - Date.now()) / 1_000);
    const text = seconds >= 2 ? texts.lostRetry(seconds) : texts.lost;
    this.#view.drawBanner({ text, button: texts.tryNow, act: () => this.#client.wake() });
  }

  /** @param {string | null} reason */
  #closed(reason) {
    switch (reason) {
      case 'CALLER':
        break;
      case 'TOKEN_INVALID':
      case 'REVOKED':
      case 'EXPIRED':
      case 'BAD_CREDENTIALS':
        this.#signedOut(texts.signedOut);
        break;
      case 'REPLACED':
        this.#view.drawBanner({ text: texts.replaced, button: texts.useHere, act: () => location.reload() });
        break;
      default:
        this.#view.drawBanner({ text: texts.refused, button: texts.tryAgain, act: () => location.reload() });
    }
  }

  async #signOut() {
    const { token } = this.#session;
    this.#memory.outbox = [];
    this.#signedOut('');
    await post('', 'user/logout', { token }).catch(() => {});
  }

  // ---- drawing and remembering

  /** @param {Conversation} chat */
  #toFront(chat) {
    if ([...this.#chats.keys()].at(-1) !== chat.key) {
      this.#chats.delete(chat.key);
      this.#chats.set(chat.key, chat);
    }
    this.#draw();
  }

  #draw() {
    if (!this.#isDrawDue) {
      this.#isDrawDue = true;
      const draw = () => {
        this.#isDrawDue = false;
        this.#drawNow();
      };
      if (document.hidden) {
        setTimeout(draw, 200);
      } else {
        requestAnimationFrame(draw);
      }
    }
  }

  #drawNow() {
    if (this.#abort.signal.aborted) {
      return;
    }
    const chats = [...this.#chats.values()].reverse();
    this.#sidebar.draw(chats, this.#open?.key ?? '');
    this.#view.draw();
    const unread = chats.reduce((sum, chat) => sum + chat.unread, 0);
    const title = unread > 0 ? `(${unread}) GoChat` : 'GoChat';
    if (document.title !== title) {
      document.title = title;
    }
  }

  #remember() {
    this.#memory.chats = [...this.#chats.keys()].reverse();
    for (const chat of this.#chats.values()) {
      if (chat.readUpTo.epoch > 0) {
        this.#memory.setReadUpTo(chat.key, chat.readUpTo);
      }
    }
  }
}

/** @param {string} text */
function announce(text) {
  const announcer = document.getElementById('announcer');
  if (announcer !== null) {
    announcer.textContent = text;
  }
}

/**
 * Positions of the inbox alone: a room's last page is loaded anyway, and delivery goes on behind it.
 *
 * @param {import('./client/gochat.js').PositionStore} store
 * @returns {import('./client/gochat.js').PositionStore}
 */
function inboxOnly(store) {
  const inbox = (/** @type {any} */ positions) => Object.fromEntries(Object.entries(positions ?? {}).filter(([key]) => key.startsWith('user:')));
  return {
    load: async () => inbox(await store.load()),
    save: (positions) => store.save(inbox(positions)),
  };
}
